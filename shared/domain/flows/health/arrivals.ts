import type { FlowItem } from "../../../store/flows/flow-item.ts";
import type { FlowDeletionDependencies } from "../../deps.ts";

/** Of a window that has only begun, too little is known. */
const MIN_ELAPSED_MS = 600_000;

/** Returns how many records arrive in a millisecond, as in the current hour, or in the day while the hour is young. */
export const arrivalsPerMs = async (
  { clock, meters }: Pick<FlowDeletionDependencies, "clock" | "meters">,
  flow: FlowItem,
): Promise<number> => {
  const now = clock.now();
  const readings = await meters.read(flow, "throughput");
  const [hour, day] = [readings.of("hour", now), readings.of("day", now)];
  const elapsed = (start: string) => now - Date.parse(start);
  const { used, windowStart } = elapsed(hour.windowStart) < MIN_ELAPSED_MS ? day : hour;
  return used / Math.max(elapsed(windowStart), MIN_ELAPSED_MS);
};
