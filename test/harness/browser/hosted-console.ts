import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { API_CORS, consoleHeaders, PAGE_ADDRESS_FUNCTION } from "../../../infra/console-http.ts";

const BUILT = fileURLToPath(new URL("../../../dist/console", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** A server on a free port of this machine. */
export const listen = async (listener: RequestListener): Promise<Listening> => {
  const server = createServer(listener);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};

/** The file that CloudFront's function chooses for an address. */
export const fileOf = (uri: string): string =>
  (runInNewContext(`${PAGE_ADDRESS_FUNCTION}; handler({ request: { uri } })`, { uri }) as { uri: string })
    .uri;

/**
 * Serves the console as it is on AWS: the built files by CloudFront's own function and headers, on an origin that is not the API's.
 * @param connectTo origins of the API and the issuer
 */
export const hostConsole = (connectTo: readonly string[], config: () => unknown): Promise<Listening> =>
  listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = pathname.startsWith("/assets/") ? pathname : fileOf(pathname);
    const headers = {
      ...consoleHeaders(connectTo),
      "content-type": TYPES[extname(file)] ?? "application/json",
    };
    if (file === "/config.json") {
      response.writeHead(200, headers).end(JSON.stringify(config()));
      return;
    }
    const body = await readFile(join(BUILT, file)).catch(() => undefined);
    response.writeHead(body === undefined ? 403 : 200, headers).end(body);
  });

/** The stack's API on an origin of its own, with API Gateway's CORS headers for one origin. */
export const apiForOrigin = (stackUrl: string, allowed: () => string): Promise<Listening> =>
  listen(async (request, response) => {
    const cors = request.headers.origin === allowed() ? corsHeaders(allowed()) : {};
    if (request.method === "OPTIONS") {
      response.writeHead(204, cors).end();
      return;
    }
    await forward(stackUrl, request, response, cors);
  });

const corsHeaders = (origin: string): Record<string, string> => ({
  "access-control-allow-origin": origin,
  "access-control-allow-methods": API_CORS.allowMethods.join(","),
  "access-control-allow-headers": API_CORS.allowHeaders.join(","),
  "access-control-expose-headers": API_CORS.exposeHeaders.join(","),
  "access-control-max-age": String(API_CORS.maxAgeSeconds),
});

const PASSED_ON = ["authorization", "content-type", "if-match", "idempotency-key"];
const PASSED_BACK = ["content-type", "etag", "location", "date", "retry-after"];

const forward = async (
  stackUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
  cors: Record<string, string>,
): Promise<void> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method = "GET" } = request;
  const answer = await fetch(`${stackUrl}${request.url}`, {
    method,
    headers: PASSED_ON.flatMap((name): [string, string][] => {
      const value = request.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    }),
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  });
  const back = PASSED_BACK.flatMap((name): [string, string][] => {
    const value = answer.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  // The authorizer's response is not an integration's, and gets no CORS headers.
  const shared = answer.status === 401 ? {} : cors;
  response.writeHead(answer.status, { ...Object.fromEntries(back), ...shared });
  response.end(Buffer.from(await answer.arrayBuffer()));
};
