import { listVersions } from "../../shared/domain/flows/read-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listVersionsEndpoint = endpoint(
  flowOperations.listVersions,
  async ({ params, query }, _caller, tools) => ({
    status: 200,
    body: await listVersions(tools, params.workspace, params.flowId, query),
  }),
);
