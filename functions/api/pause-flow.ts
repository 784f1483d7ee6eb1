import { pauseFlow } from "../../shared/domain/pause-flow.ts";
import { showFlow } from "../../shared/domain/show-flows.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const pauseFlowEndpoint = endpoint(
  flowOperations.pauseFlow,
  async ({ params, body, ifMatch }, { actor }, tools) => {
    const mode = body.mode ?? "queue";
    const flow = await pauseFlow(tools, { ...params, ...body, mode, actor, ifMatch });
    return { status: 200, body: await showFlow(tools, flow), rev: flow.rev };
  },
);
