import { listBulks } from "../../shared/domain/bulk/read-bulk.ts";
import { bulkOperations } from "../../shared/model/api/bulk-operations.ts";
import { endpoint } from "../middleware/http.ts";
import { mayReadBulk } from "./bulk-access.ts";

export const listBulksEndpoint = endpoint(
  bulkOperations.listBulks,
  async ({ params, query }, caller, deps) => ({
    status: 200,
    body: await listBulks(deps, params.workspace, query, mayReadBulk(caller)),
  }),
);
