import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { pauseFlow } from "../../shared/domain/holds/pause-flow.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const pauseFlowEndpoint = endpoint(
  flowOperations.pauseFlow,
  async ({ params, body, ifMatch }, { actor }, deps) => {
    const mode = body.mode ?? "queue";
    const flow = await pauseFlow(deps, { ...params, ...body, mode, actor, ifMatch });
    return { status: 200, body: await showFlow(deps, flow), rev: flow.rev };
  },
);
