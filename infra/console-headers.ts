/**
 * Headers of the console's files, the same on the local stack and on CloudFront. Scripts come from the console's own files
 * only; the component library sets styles on elements, which is why those are allowed inline.
 * @param connectTo origins beside its own that the page talks to: the API's, the issuer's
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
