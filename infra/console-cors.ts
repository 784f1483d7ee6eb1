import { routes } from "./routes.ts";

/** What the console's page, from its own origin, may send to the API and read of its answers. Nothing here is a cookie. */
export const CONSOLE_CORS = {
  allowMethods: [...new Set(routes.map(({ method }) => method))],
  allowHeaders: ["authorization", "content-type", "if-match", "idempotency-key"],
  /** `date`: countdowns go by the server's clock. */
  exposeHeaders: ["etag", "location", "date", "retry-after"],
  /** A browser need not ask again for this long; Chromium remembers no longer. */
  maxAgeSeconds: 7_200,
} as const;
