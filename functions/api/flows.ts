import { attachFlow } from "../../shared/domain/attach/attach-flow.ts";
import { bindFlow } from "../../shared/domain/attach/bind-flow.ts";
import { detachFlow } from "../../shared/domain/attach/detach-flow.ts";
import { putFlowSettings } from "../../shared/domain/attach/put-flow-settings.ts";
import { registerFlow } from "../../shared/domain/attach/register-flow.ts";
import type { IncidentDependencies } from "../../shared/domain/deps.ts";
import { activateByNumber } from "../../shared/domain/flows/activate-version.ts";
import { deleteFlow } from "../../shared/domain/flows/delete-flow.ts";
import { hasDrifted } from "../../shared/domain/flows/drift.ts";
import { flowHealth } from "../../shared/domain/flows/health/flow-health.ts";
import { previewPublish } from "../../shared/domain/flows/preview-publish.ts";
import { publishFlow } from "../../shared/domain/flows/publish-flow.ts";
import { readDefinition } from "../../shared/domain/flows/read-definition.ts";
import {
  listFlowAudit,
  listFlows,
  listVersions,
  readFlow,
  readVersion,
} from "../../shared/domain/flows/read-flows.ts";
import { showFlow, showFlows } from "../../shared/domain/flows/show-flows.ts";
import { finishWithSteps } from "../../shared/domain/hold-refusals.ts";
import { pauseFlow } from "../../shared/domain/holds/pause-flow.ts";
import { cancelPlan, planPause } from "../../shared/domain/holds/plan-pause.ts";
import { previewPause } from "../../shared/domain/holds/preview-pause.ts";
import { putCaps } from "../../shared/domain/holds/put-caps.ts";
import { resumeFlow } from "../../shared/domain/holds/resume-flow.ts";
import { holdSteps } from "../../shared/domain/holds/steps/hold-steps.ts";
import { holdForIncidents } from "../../shared/domain/incidents/place-hold.ts";
import { fullestKeys } from "../../shared/domain/slots/show-slots.ts";
import { flowOperations } from "../../shared/model/api/flow-operations.ts";
import type { FlowItem } from "../../shared/store/flows/flow-item.ts";
import type { AttachDependencies } from "../dependencies/attach-dependencies.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { endpoint } from "../middleware/http.ts";
import type { HttpAnswer } from "../middleware/http-event.ts";

/** Answers a change with the flow as it is now. */
const answerWith = async (deps: Dependencies, flow: FlowItem): Promise<HttpAnswer> => ({
  status: 200,
  body: await showFlow(deps, flow),
  rev: flow.rev,
});

/** Holds a flow that has a new version for the open incidents, and returns it as it is then. */
const heldForIncidents = async (
  deps: IncidentDependencies,
  flow: FlowItem,
  by?: string,
): Promise<FlowItem> => {
  if (!(await holdForIncidents(deps, flow, by))) return flow;
  return (await deps.flows.read(flow.workspace, flow.flowId)) ?? flow;
};

export const listFlowsEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.listFlows, async ({ params, query }) => {
    const page = await listFlows(deps, params.workspace, query);
    return { status: 200, body: { ...page, items: await showFlows(deps, page.items) } };
  });

export const getFlowEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.getFlow, async ({ params }) => {
    const flow = await readFlow(deps, params.workspace, params.flowId);
    const [shown, drift] = await Promise.all([showFlow(deps, flow), hasDrifted(deps, flow)]);
    return { status: 200, body: { ...shown, ...(drift ? { drift } : {}) }, rev: flow.rev };
  });

export const getSlotsEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.getSlots, async ({ params }) => {
    const flow = await readFlow(deps, params.workspace, params.flowId);
    const { total, keys } = await fullestKeys(deps, flow);
    return { status: 200, body: { ...total, keys } };
  });

export const getFlowHealthEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.getFlowHealth, async ({ params }) => {
    const flow = await readFlow(deps, params.workspace, params.flowId);
    return { status: 200, body: await flowHealth(deps, flow) };
  });

export const attachFlowEndpoint = (deps: AttachDependencies) =>
  endpoint(deps, flowOperations.attachFlow, async ({ params, body }, { actor }) => {
    const { flow: attached, version, report } = await attachFlow(deps, { ...params, ...body, actor });
    if (attached === undefined) return { status: 200, body: { report } };
    const flow = await heldForIncidents(deps, attached);
    return { status: 200, body: { flow: await showFlow(deps, flow), version, report }, rev: flow.rev };
  });

export const registerFlowEndpoint = (deps: AttachDependencies) =>
  endpoint(deps, flowOperations.registerFlow, async ({ params, body }, { actor }) => {
    const { flow: asIs, ...registered } = await registerFlow(deps, { ...params, ...body, actor });
    const flow = await heldForIncidents(deps, asIs);
    return { status: 200, body: { flow: await showFlow(deps, flow), ...registered }, rev: flow.rev };
  });

export const bindFlowEndpoint = (deps: AttachDependencies) =>
  endpoint(deps, flowOperations.bindFlow, async ({ params, body }, { actor }) =>
    answerWith(deps, await heldForIncidents(deps, await bindFlow(deps, { ...params, ...body, actor }))),
  );

export const detachFlowEndpoint = (deps: AttachDependencies) =>
  endpoint(deps, flowOperations.detachFlow, async ({ params, ifMatch }, { actor }) =>
    answerWith(deps, await detachFlow(deps, { ...params, actor, ifMatch })),
  );

export const putFlowSettingsEndpoint = (deps: AttachDependencies) =>
  endpoint(deps, flowOperations.putFlowSettings, async ({ params, body, ifMatch }, { actor }) =>
    answerWith(deps, await putFlowSettings(deps, { ...params, ...body, actor, ifMatch })),
  );

export const publishFlowEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.publishFlow, async ({ params, body }, { actor }) => {
    const activate = body.activate ?? true;
    const definition = readDefinition(body.definition, body.substitutions);
    const request = { ...params, ...body, definition, activate, actor };
    if (body.dryRun === true) {
      const { flow, ...preview } = await previewPublish(deps, request);
      return { status: 200, body: { flow: await showFlow(deps, flow), ...preview }, rev: flow.rev };
    }
    const { flow: published, version, warnings, first } = await publishFlow(deps, request);
    const flow = await heldForIncidents(deps, published);
    return {
      status: first ? 201 : 200,
      body: { flow: await showFlow(deps, flow), version, warnings },
      rev: flow.rev,
    };
  });

export const deleteFlowEndpoint = (deps: Ending<Dependencies>) =>
  endpoint(deps, flowOperations.deleteFlow, async ({ params, ifMatch }, caller) => {
    await deleteFlow(deps, { ...params, actor: caller.actor, ifMatch });
    return { status: 204 };
  });

export const listVersionsEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.listVersions, async ({ params, query }) => ({
    status: 200,
    body: await listVersions(deps, { ...params, ...query }),
  }));

export const getVersionEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.getVersion, async ({ params }) => ({
    status: 200,
    body: await readVersion(deps, params, Number(params.version)),
  }));

export const activateVersionEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.activateVersion, async ({ params, ifMatch }, { actor }) => {
    const { workspace, flowId } = params;
    const version = Number(params.version);
    const active = await activateByNumber(deps, { workspace, flowId, version, actor, ifMatch });
    return answerWith(deps, await heldForIncidents(deps, active));
  });

export const listFlowAuditEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.listFlowAudit, async ({ params, query }) => ({
    status: 200,
    body: await listFlowAudit(deps, { ...params, ...query }),
  }));

export const pauseFlowEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.pauseFlow, async ({ params, body, ifMatch }, { actor }) => {
    const mode = body.mode ?? "queue";
    const { startAt, steps } = body;
    if (steps !== undefined && mode === "finish") throw finishWithSteps();
    if (body.dryRun === true)
      return { status: 200, body: await previewPause(deps, { ...params, ...body, mode, ifMatch }) };
    const asked = { ...params, ...body, mode, actor, ifMatch };
    if (startAt !== undefined) return answerWith(deps, await planPause(deps, { ...asked, startAt }));
    if (steps !== undefined) return answerWith(deps, await holdSteps(deps, { ...asked, steps }));
    return answerWith(deps, await pauseFlow(deps, asked));
  });

export const cancelScheduledPauseEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.cancelScheduledPause, async ({ params, ifMatch }, { actor }) => {
    await cancelPlan(deps, { ...params, actor, ifMatch });
    return { status: 204 };
  });

export const resumeFlowEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.resumeFlow, async ({ params, body, ifMatch }, { actor }) => {
    const flow = await resumeFlow(deps, { ...params, ...body, actor, ifMatch });
    const leftIncidents = flow.liftedIncidents !== undefined;
    return answerWith(deps, leftIncidents ? await heldForIncidents(deps, flow, actor.id) : flow);
  });

export const putCapsEndpoint = (deps: Dependencies) =>
  endpoint(deps, flowOperations.putCaps, async ({ params, body: caps, ifMatch }, { actor }) =>
    answerWith(deps, await putCaps(deps, { ...params, caps, actor, ifMatch })),
  );
