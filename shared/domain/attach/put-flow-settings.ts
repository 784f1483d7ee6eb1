import type { Actor } from "../../model/actor.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { AttachDependencies } from "../deps.ts";
import { type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { hasDrifted } from "../flows/drift.ts";
import { flowDrifted, flowNotAttached } from "../refusals.ts";
import { attachFlow } from "./attach-flow.ts";

export interface FlowSettingsRequest extends FlowRequest {
  readonly actor: Actor;
  readonly whenUnreachable?: "pass" | "fail" | undefined;
}

/**
 * Changes the settings of an attached flow; one that is omitted stays. `whenUnreachable` is part of the machine's text, so the machine
 * gets the text of a new version, in the order in which attaching writes it. Throws `flow_drifted`: the text of somebody else is only
 * compiled for those who ask for it.
 */
export const putFlowSettings = async (
  deps: AttachDependencies,
  { actor, whenUnreachable, ...asked }: FlowSettingsRequest,
): Promise<FlowItem> => {
  const flow = await readRequestedFlow(deps.flows, asked);
  const { workspace, flowId, attachment } = flow;
  if (attachment === undefined) throw flowNotAttached(flowId);
  if (whenUnreachable === undefined || whenUnreachable === attachment.whenUnreachable) return flow;
  if (await hasDrifted(deps, flow)) throw flowDrifted(flow);
  const { machineArn: stateMachineArn } = attachment;
  const request = { workspace, flowId, actor, stateMachineArn, whenUnreachable };
  // The machine has gates already, so its role's permissions do not decide.
  return (await attachFlow(deps, { ...request, force: true })).flow ?? flow;
};
