import { flowView } from "../../shared/domain/flow-view.ts";
import { readFlow } from "../../shared/domain/read-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const getFlowEndpoint = endpoint(flowOperations.getFlow, async ({ params }, _caller, tools) => {
  const flow = await readFlow(tools, params.workspace, params.flowId);
  return { status: 200, body: flowView(flow), rev: flow.rev };
});
