import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { HoldDependencies } from "../deps.ts";
import { flowNotFound } from "../refusals.ts";
import { addSafetyHold } from "./add-hold.ts";

/**
 * Counts a record before it is dispatched and before anything is written, so that no record is uncounted. If the count exceeds
 * the throughput cap, the flow is held. Returns the flow afterwards: the record that exceeded the cap is queued.
 */
export const countDispatch = async (deps: HoldDependencies, flow: FlowItem): Promise<FlowItem> => {
  const now = deps.clock.now();
  const readings = await deps.meters.add(flow, "throughput", 1, now);
  const isOver = ({ caps: { throughput: cap } }: FlowItem): boolean =>
    cap != null && readings !== undefined && readings.of(cap.per, now).used > cap.limit;
  const cap = flow.caps.throughput;
  if (cap == null || flow.holds.throughput !== undefined || !isOver(flow)) return flow;
  const reason = `Throughput cap reached: ${cap.limit} per ${cap.per}`;
  const held = await addSafetyHold(deps, flow, { kind: "throughput", reason, still: isOver });
  if (held === undefined) throw flowNotFound(flow.flowId);
  return held;
};
