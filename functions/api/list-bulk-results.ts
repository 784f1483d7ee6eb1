import { listBulkResults } from "../../shared/domain/bulk/read-bulk.ts";
import { bulkOperations } from "../../shared/model/api/bulk-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { readableBulk } from "./bulk-access.ts";

export const listBulkResultsEndpoint = endpoint(
  bulkOperations.listBulkResults,
  async ({ params, query }, caller, deps) => ({
    status: 200,
    body: await listBulkResults(deps, await readableBulk(deps, caller, params), query),
  }),
);
