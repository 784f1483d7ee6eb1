import { listVersions } from "../../shared/domain/flows/read-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listVersionsEndpoint = endpoint(
  flowOperations.listVersions,
  async ({ params, query }, _caller, deps) => ({
    status: 200,
    body: await listVersions(deps, params.workspace, params.flowId, query),
  }),
);
