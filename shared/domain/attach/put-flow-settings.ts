import type { Actor } from "../../model/actor.ts";
import type { OnFailure } from "../../model/holds/kinds.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { AttachDependencies } from "../deps.ts";
import { type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { hasDrifted } from "../flows/drift.ts";
import { putOnFailure } from "../flows/put-on-failure.ts";
import { flowDrifted, flowNotAttached } from "../refusals.ts";
import { attachFlow } from "./attach-flow.ts";

export interface FlowSettingsRequest extends FlowRequest {
  readonly actor: Actor;
  readonly onFailure?: OnFailure | undefined;
  /** Only of an attached flow. */
  readonly whenUnreachable?: "pass" | "fail" | undefined;
}

/**
 * Changes the settings of a flow; an omitted setting stays. `onFailure` is one write. `whenUnreachable` is part of the compiled text, so this writes a new
 * version into the machine, in the same order as attaching. Throws `flow_drifted`: a definition that somebody else deployed is compiled only
 * by attaching again.
 */
export const putFlowSettings = async (
  deps: AttachDependencies,
  { actor, whenUnreachable, onFailure, ...asked }: FlowSettingsRequest,
): Promise<FlowItem> => {
  const before = await readRequestedFlow(deps.flows, asked);
  const { workspace, flowId, attachment } = before;
  if (whenUnreachable !== undefined && attachment === undefined) throw flowNotAttached(flowId);
  const isOther = whenUnreachable !== undefined && whenUnreachable !== attachment?.whenUnreachable;
  if (isOther && (await hasDrifted(deps, before))) throw flowDrifted(before);
  const flow = onFailure === undefined ? before : await putOnFailure(deps, { ...asked, actor, onFailure });
  if (!isOther || attachment === undefined) return flow;
  const { machineArn: stateMachineArn } = attachment;
  const request = { workspace, flowId, actor, stateMachineArn, whenUnreachable };
  // The machine already has gates, so its role's permissions do not matter.
  return (await attachFlow(deps, { ...request, force: true })).flow ?? flow;
};
