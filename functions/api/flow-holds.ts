import { showFlow } from "../../shared/domain/flows/show-flows.ts";
import { pauseFlow } from "../../shared/domain/holds/pause-flow.ts";
import { putCaps } from "../../shared/domain/holds/put-caps.ts";
import { resumeFlow } from "../../shared/domain/holds/resume-flow.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { endpoint } from "../middleware/http.ts";

export const pauseFlowEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.pauseFlow, async ({ params, body, ifMatch }, { actor }) => {
    const mode = body.mode ?? "queue";
    const flow = await pauseFlow(deps, { ...params, ...body, mode, actor, ifMatch });
    return { status: 200, body: await showFlow(deps, flow), rev: flow.rev };
  });

export const resumeFlowEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.resumeFlow, async ({ params, body, ifMatch }, { actor }) => {
    const flow = await resumeFlow(deps, { ...params, ...body, actor, ifMatch });
    return { status: 200, body: await showFlow(deps, flow), rev: flow.rev };
  });

export const putCapsEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.putCaps, async ({ params, body: caps, ifMatch }, { actor }) => {
    const flow = await putCaps(deps, { ...params, caps, actor, ifMatch });
    return { status: 200, body: await showFlow(deps, flow), rev: flow.rev };
  });
