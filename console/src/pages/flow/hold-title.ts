import type { Flow } from "../../../../shared/model/schemas/flow.ts";

export type Hold = Flow["holds"][number];

/** Says what holds the flow. */
export const holdTitle = ({ caps, meters }: Flow, { kind, by, steps, reason }: Hold): string => {
  if (kind === "manual") return `${steps === undefined ? "Paused" : `${steps.join(", ")} held`} by ${by}`;
  if (kind === "throughput")
    return caps.throughput
      ? `Throughput cap reached: ${caps.throughput.limit} per ${caps.throughput.per}`
      : "Throughput cap reached";
  // The reason names the cap, or the limit of the ramp that placed the hold.
  if (kind === "errors") return reason ?? "Error cap reached: too many runs failed";
  const used = meters.spend?.used;
  return caps.spend
    ? `Spend cap reached: ${used ?? caps.spend.limit} of ${caps.spend.limit} per ${caps.spend.period}`
    : "Spend cap reached";
};

/** Says what holds the flow, and the reason that a person gave. */
export const holdText = (flow: Flow, hold: Hold): string => {
  const title = holdTitle(flow, hold);
  return hold.reason === undefined || hold.kind !== "manual" ? title : `${title}: ${hold.reason}`;
};
