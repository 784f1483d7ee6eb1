import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { API_CORS } from "../../infra/console-http.ts";
import type { Activity, Clock } from "../ports/clock.ts";
import { type HttpAnswer, send } from "./http.ts";
import { json, problem } from "./problem.ts";

interface Part {
  answer(request: IncomingMessage, url: URL): Promise<HttpAnswer | undefined>;
}
interface Parts {
  readonly api: Part;
  readonly aws: Part;
  readonly local: Part;
  readonly console: Part;
  readonly activity: Activity;
  readonly clock: Clock;
  /** Whether the stack has started. */
  isReady(): boolean;
}

const LOOPBACK = /^(localhost|([a-z0-9-]+\.)*localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

const STARTING = problem(503, "starting", "The local stack is starting");

/** Answers every request that reaches the stack. */
export function requestListener(parts: Parts): RequestListener {
  return async (request, response) => {
    // A request that waits for the stack to settle must not count as work itself.
    const done = request.url?.startsWith("/local/") ? () => undefined : parts.activity.begin();
    // All services of the stack use its clock, which can be advanced.
    response.setHeader("date", new Date(parts.clock.now()).toUTCString());
    for (const [name, value] of Object.entries(corsOf(request))) response.setHeader(name, value);
    try {
      const answer = await route(parts, request);
      if (answer === undefined) request.socket.destroy();
      else send(request, response, answer);
    } catch (error) {
      if (response.destroyed) return; // the client has disconnected, which is not an error
      process.stderr.write(`[gateway] ${error instanceof Error ? error.stack : error}\n`);
      send(request, response, json(500, { message: "Internal Server Error" }));
    } finally {
      done();
    }
  };
}

async function route(parts: Parts, request: IncomingMessage): Promise<HttpAnswer | undefined> {
  if (!isFromHere(request))
    return problem(403, "forbidden", "The local stack accepts requests from this machine only");
  const target = request.url ?? "/";
  if (!target.startsWith("/") || !URL.canParse(target, "http://localhost")) {
    return problem(400, "invalid_request", "The request's path is malformed");
  }
  // Concatenated, not resolved: a path that starts with two slashes is still a path.
  const url = new URL(`http://localhost${target}`);
  if (url.pathname.startsWith("/aws/")) return parts.aws.answer(request, url);
  if (request.method === "OPTIONS")
    return { status: 204, headers: { allow: "GET, HEAD, POST, PUT, DELETE, OPTIONS" }, body: "" };
  if (url.pathname.startsWith("/local/")) return parts.local.answer(request, url);
  if (url.pathname === "/healthz" && (request.method === "GET" || request.method === "HEAD")) {
    return parts.isReady() ? json(200, { status: "ok" }) : STARTING;
  }
  return (await parts.console.answer(request, url)) ?? parts.api.answer(request, url);
}

/** Lets pages of this machine call the API, as those of `webOrigins` may on AWS. Nothing but the API is for them. */
function corsOf({ url = "", headers: { origin } }: IncomingMessage): Readonly<Record<string, string>> {
  if (origin === undefined || !isLoopback(origin) || !url.startsWith("/v1/")) return {};
  const { allowMethods, allowHeaders, exposeHeaders } = API_CORS;
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-methods": allowMethods.join(","),
    "access-control-allow-headers": allowHeaders.join(","),
    "access-control-expose-headers": exposeHeaders.join(","),
    vary: "origin",
  };
}

const isLoopback = (origin: string): boolean => URL.canParse(origin) && LOOPBACK.test(new URL(origin).host);

/** A web page on another site must not control the stack through its visitor's browser, by DNS rebinding or with a form. */
function isFromHere(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  if (host !== undefined && !LOOPBACK.test(host)) return false;
  return origin === undefined || isLoopback(origin);
}

/** Listens immediately, but answers 503 until it is opened. */
export function holdingListener(): { listener: RequestListener; open(listener: RequestListener): void } {
  let current: RequestListener = (request, response) => send(request, response, STARTING);
  return {
    listener: (request, response) => current(request, response),
    open: (listener) => {
      current = listener;
    },
  };
}

export interface RunningServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1. @throws the system's error, e.g. EADDRINUSE */
export async function listen(listener: RequestListener, port: number): Promise<RunningServer> {
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;
  return { port: address.port, close: () => stop(server) };
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
