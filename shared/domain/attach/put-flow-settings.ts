import type { Actor } from "../../model/actor.ts";
import type { OnFailure } from "../../model/holds/kinds.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { AttachDependencies } from "../deps.ts";
import { type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { hasDrifted } from "../flows/drift.ts";
import { putOnFailure } from "../flows/put-on-failure.ts";
import { flowDrifted, flowNotAttached, settingsOfTwoKinds } from "../refusals.ts";
import { attachFlow } from "./attach-flow.ts";

export interface FlowSettingsRequest extends FlowRequest {
  readonly actor: Actor;
  readonly onFailure?: OnFailure | undefined;
  /** Only of an attached flow. */
  readonly whenUnreachable?: "pass" | "fail" | undefined;
}

/**
 * Changes the settings of a flow; an omitted setting stays. `whenUnreachable` is part of the compiled text, so this writes a new
 * version into the machine, in the same order as attaching. Throws `flow_drifted`: a definition that somebody else deployed is compiled only
 * by attaching again.
 */
export const putFlowSettings = async (
  deps: AttachDependencies,
  { actor, whenUnreachable, onFailure, ...asked }: FlowSettingsRequest,
): Promise<FlowItem> => {
  if (onFailure !== undefined && whenUnreachable !== undefined) throw settingsOfTwoKinds();
  if (onFailure !== undefined) return putOnFailure(deps, { ...asked, actor, onFailure });
  const flow = await readRequestedFlow(deps.flows, asked);
  const { workspace, flowId, attachment } = flow;
  if (whenUnreachable === undefined) return flow;
  if (attachment === undefined) throw flowNotAttached(flowId);
  if (whenUnreachable === attachment.whenUnreachable) return flow;
  if (await hasDrifted(deps, flow)) throw flowDrifted(flow);
  const { machineArn: stateMachineArn } = attachment;
  const request = { workspace, flowId, actor, stateMachineArn, whenUnreachable };
  // The machine already has gates, so its role's permissions do not matter.
  return (await attachFlow(deps, { ...request, force: true })).flow ?? flow;
};
