/** The module `sluice/client`: the HTTP API with types, for Node.js and browsers. */

export { ApiError } from "./api-error.ts";
export { type ClientOptions, createClient } from "./client.ts";
export { type DispatchRequest, dispatch, dispatchAndWait, waitForEnd } from "./dispatch.ts";
export type { Client, RequestOf, ResultOf } from "./operations.ts";
export { items, type Page, pagesOf } from "./pages.ts";
