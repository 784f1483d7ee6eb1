import { bulkView } from "../../shared/domain/bulk/read-bulk.ts";
import { stopBulk } from "../../shared/domain/bulk/stop-bulk.ts";
import { bulkOperations } from "../../shared/model/api/bulk-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const stopBulkEndpoint = endpoint(bulkOperations.stopBulk, async ({ params }, _caller, deps) => ({
  status: 200,
  body: bulkView(await stopBulk(deps, params.workspace, params.bulkId)),
}));
