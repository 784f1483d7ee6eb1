import { listFlowAudit } from "../../shared/domain/flows/read-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listFlowAuditEndpoint = endpoint(
  flowOperations.listFlowAudit,
  async ({ params, query }, _caller, deps) => ({
    status: 200,
    body: await listFlowAudit(deps, params.workspace, params.flowId, query),
  }),
);
