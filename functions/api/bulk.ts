import { bundle } from "../middleware/http.ts";
import { startBulkEndpoint } from "./start-bulk.ts";
import { stopBulkEndpoint } from "./stop-bulk.ts";

/** What begins and stops bulk operations; their work is another function's. */
export const handler = bundle(startBulkEndpoint, stopBulkEndpoint);
