import { listFlowAudit } from "../../shared/domain/flows/read-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const listFlowAuditEndpoint = endpoint(
  flowOperations.listFlowAudit,
  async ({ params, query }, _caller, tools) => ({
    status: 200,
    body: await listFlowAudit(tools, params.workspace, params.flowId, query),
  }),
);
