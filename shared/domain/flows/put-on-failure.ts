import type { Actor } from "../../model/actor.ts";
import type { OnFailure } from "../../model/holds/kinds.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { FlowDependencies } from "../deps.ts";
import { changeFlow, type FlowRequest, flowEntry } from "./change-flow.ts";

export interface OnFailureRequest extends FlowRequest {
  readonly actor: Actor;
  readonly onFailure: OnFailure;
}

/**
 * Sets what happens to a flow's runs whose step fails, in one write with the copy that every gate reads. If nothing changes, nothing is
 * written.
 */
export const putOnFailure = async (
  deps: Pick<FlowDependencies, "flows" | "clock" | "metrics">,
  { actor, onFailure, ...asked }: OnFailureRequest,
): Promise<FlowItem> => {
  const { next } = await changeFlow(deps, asked, (flow, now) => {
    if (onFailure === (flow.onFailure ?? "fail")) return undefined;
    const { onFailure: _was, ...rest } = flow;
    const at = iso(now);
    const changed: FlowItem = {
      ...{ ...rest, rev: flow.rev + 1, updatedAt: at },
      ...(onFailure === "pause" ? { onFailure } : {}),
    };
    const reason = `onFailure ${onFailure}`;
    return { next: changed, entries: [flowEntry(flow, changed, { at, actor, action: "settings", reason })] };
  });
  return next;
};
