import { readFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { consoleHeaders } from "../../infra/console-http.ts";
import type { HttpAnswer } from "./http.ts";
import { json } from "./problem.ts";

const BUILT = fileURLToPath(new URL("../../dist/console/", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};
/** Their names contain a hash of their content. */
const UNCHANGING = "/assets/";
const HEADERS = consoleHeaders();

const NOT_BUILT =
  "<!doctype html><html lang=en><title>Sluice</title><p>The console is not built: <code>npm run build:console</code>, then reload.";

/** Serves the console: its files, its configuration, and its page for every path that a browser can open. */
export class ConsoleFiles {
  readonly #config: unknown;
  constructor(config: unknown) {
    this.#config = config;
  }

  /** Returns undefined for a path that is not the console's. */
  async answer(request: IncomingMessage, url: URL): Promise<HttpAnswer | undefined> {
    if (request.method !== "GET" && request.method !== "HEAD") return undefined;
    const { pathname } = url;
    if (pathname.startsWith("/v1/")) return undefined;
    if (pathname === "/config.json") return json(200, this.#config);
    if (extname(pathname) !== "" && TYPES[extname(pathname)] !== undefined) return file(pathname);
    if (request.headers.accept?.includes("text/html") !== true && pathname !== "/") return undefined;
    return (await file("/index.html")) ?? page(NOT_BUILT);
  }
}

const page = (body: string | Buffer): HttpAnswer => answer(".html", "no-cache", body);

const answer = (extension: string, cache: string, body: string | Buffer): HttpAnswer => ({
  status: 200,
  headers: { ...HEADERS, "content-type": TYPES[extension] ?? "", "cache-control": cache },
  body,
});

async function file(pathname: string): Promise<HttpAnswer | undefined> {
  const path = join(BUILT, normalize(decodeURIComponent(pathname)));
  if (!path.startsWith(BUILT)) return undefined;
  try {
    const cache = pathname.startsWith(UNCHANGING) ? "public, max-age=31536000, immutable" : "no-cache";
    return answer(extname(pathname), cache, await readFile(path));
  } catch {
    return undefined;
  }
}
