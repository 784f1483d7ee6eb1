/**
 * The console is one page with many addresses: whatever is not one of its files is its page. Files are the built ones under
 * /assets/, which this function is not asked about, and a few at the root; no page is a single name with a dot.
 * Runs on CloudFront (JavaScript runtime 2.0), once a request, before the cache.
 */
export const PAGE_ADDRESS_FUNCTION = `function handler(event) {
  var request = event.request;
  if (!/^\\/[^/]+\\.[a-z0-9]+$/.test(request.uri)) request.uri = "/index.html";
  return request;
}
`;
