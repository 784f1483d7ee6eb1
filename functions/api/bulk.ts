import type { Dependencies } from "../dependencies/dependencies.ts";
import { apiHandler } from "../middleware/http.ts";
import { startBulkEndpoint } from "./start-bulk.ts";
import { stopBulkEndpoint } from "./stop-bulk.ts";

/** What begins and stops bulk operations; their work is another function's. */
export const createBulkHandler = (deps: Dependencies) =>
  apiHandler([startBulkEndpoint, stopBulkEndpoint], deps);
