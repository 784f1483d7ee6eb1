import { bulkView } from "../../shared/domain/bulk/read-bulk.ts";
import { bulkOperations } from "../../shared/model/api/bulk-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { readableBulk } from "./bulk-access.ts";

export const getBulkEndpoint = endpoint(bulkOperations.getBulk, async ({ params }, caller, deps) => ({
  status: 200,
  body: bulkView(await readableBulk(deps, caller, params)),
}));
