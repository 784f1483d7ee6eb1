import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { resumeFlow } from "../../shared/domain/holds/resume-flow.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import { endpoint } from "../middleware/http.ts";

export const resumeFlowEndpoint = endpoint(
  flowOperations.resumeFlow,
  async ({ params, body, ifMatch }, { actor }, tools) => {
    const flow = await resumeFlow(tools, { ...params, ...body, actor, ifMatch });
    return { status: 200, body: await showFlow(tools, flow), rev: flow.rev };
  },
);
