import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { notSignedIn, usage } from "../failure.ts";

const PATH = "/callback";
const PATIENCE_MS = 5 * 60_000;

interface Redirect {
  readonly uri: string;
  /** The parameters of the first request that is `expected`; other requests, such as another page's guesses, get 404. */
  answer(expected: (parameters: URLSearchParams) => boolean): Promise<URLSearchParams>;
  close(): void;
}

/**
 * Starts a server, reachable only from this machine, that takes one redirect of a browser.
 * @param port 0 for any free one; issuers that compare redirect addresses with their port need a fixed one
 */
export const receiveRedirect = async (port: number): Promise<Redirect> => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  }).catch((error: unknown) => {
    throw usage(`Cannot listen on port ${port} for the browser's redirect (--redirect-port): ${error}`);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    uri: `http://localhost:${actual}${PATH}`,
    answer: (expected) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(notSignedIn("Nobody signed in within five minutes.")),
          PATIENCE_MS,
        );
        server.on("request", (request, response) => {
          const url = new URL(request.url ?? "/", "http://localhost");
          const isIt = request.method === "GET" && url.pathname === PATH && expected(url.searchParams);
          response.writeHead(isIt ? 200 : 404, { "content-type": "text/plain", connection: "close" });
          response.end(isIt ? "You are signed in to Sluice. You can close this page.\n" : "Not found.\n");
          if (!isIt) return;
          clearTimeout(timer);
          resolve(url.searchParams);
        });
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};
