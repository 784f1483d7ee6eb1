import { readFlow } from "../../shared/domain/flows/read-flows.ts";
import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const getFlowEndpoint = endpoint(flowOperations.getFlow, async ({ params }, _caller, deps) => {
  const flow = await readFlow(deps, params.workspace, params.flowId);
  return { status: 200, body: await showFlow(deps, flow), rev: flow.rev };
});
