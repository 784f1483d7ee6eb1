import type { Canary } from "../../model/holds/canary.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";

export const runningCanary = ({ canary }: Pick<FlowItem, "canary">): Canary | undefined =>
  canary?.state === "running" ? canary : undefined;

/** Returns the flow whose canary has failed, at the same revision. Its drain ends with it, and so does the exemption of its runs. */
export const withFailedCanary = (flow: FlowItem, canary: Canary, reason: string): FlowItem => {
  const { drain: _over, ...rest } = flow;
  return { ...rest, canary: { ...canary, state: "failed", reason } };
};
