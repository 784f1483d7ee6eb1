/** HTTP behavior of the hosted console: its pages, their headers, and their calls to the API from another origin. */
import { routes } from "./routes.ts";

/**
 * Returns the headers of the console's files, the same on the local stack and on CloudFront. Scripts come from the console's own
 * files only. Inline styles are allowed because the component library sets styles on elements.
 * @param connectTo further origins that the page may call: the API's and the issuer's
 */
export const consoleHeaders = (connectTo: readonly string[] = []) => ({
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connectTo].join(" ")}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
});

/** CORS settings of the API for the pages that call it: the console, and those of `webOrigins`. They use no cookies. */
export const API_CORS = {
  allowMethods: [...new Set(routes.map(({ method }) => method))],
  allowHeaders: ["authorization", "content-type", "if-match", "idempotency-key", "prefer"],
  /** The console needs `date` because its countdowns follow the server's clock. */
  exposeHeaders: ["etag", "location", "date", "retry-after"],
  /** The longest that Chromium caches a preflight response. */
  maxAgeSeconds: 7_200,
} as const;

/**
 * CloudFront function (JavaScript runtime 2.0) that runs once per request, before the cache. The console is a single page with
 * many addresses, so every path that is not a file returns that page. The files are those under /assets/, which do not go
 * through this function, and a few at the root. No page has an address of one segment that contains a dot.
 */
export const PAGE_ADDRESS_FUNCTION = `function handler(event) {
  var request = event.request;
  if (!/^\\/[^/]+\\.[a-z0-9]+$/.test(request.uri)) request.uri = "/index.html";
  return request;
}
`;
