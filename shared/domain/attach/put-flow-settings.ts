import type { Actor } from "../../model/actor.ts";
import type { OnFailure } from "../../model/holds.ts";
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
 * Changes the settings of a flow; one that is omitted stays. `whenUnreachable` is part of the machine's text, so the machine
 * gets the text of a new version, in the order in which attaching writes it. Throws `flow_drifted`: the text of somebody else is only
 * compiled for those who ask for it.
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
  // The machine has gates already, so its role's permissions do not decide.
  return (await attachFlow(deps, { ...request, force: true })).flow ?? flow;
};
