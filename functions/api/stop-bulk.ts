import { bulkView } from "../../shared/domain/bulk/read-bulk.ts";
import { stopBulk } from "../../shared/domain/bulk/stop-bulk.ts";
import { bulkOperations } from "../../shared/model/api/bulk-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const stopBulkEndpoint = endpoint(bulkOperations.stopBulk, async ({ params }, _caller, tools) => ({
  status: 200,
  body: bulkView(await stopBulk(tools, params.workspace, params.bulkId)),
}));
