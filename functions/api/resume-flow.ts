import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { resumeFlow } from "../../shared/domain/holds/resume-flow.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const resumeFlowEndpoint = endpoint(
  flowOperations.resumeFlow,
  async ({ params, body, ifMatch }, { actor }, deps) => {
    const flow = await resumeFlow(deps, { ...params, ...body, actor, ifMatch });
    return { status: 200, body: await showFlow(deps, flow), rev: flow.rev };
  },
);
