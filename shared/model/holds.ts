/** The reasons why a flow can be held: a person, or a cap. */
export const HOLD_KINDS = ["manual", "throughput", "spend"] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

export const FLOW_STATUSES = ["active", "paused", "paused_safety"] as const;
export type FlowStatus = (typeof FLOW_STATUSES)[number];

/** Returns the status of a flow with these holds: a safety hold outranks a manual one. */
export const flowStatus = (holds: Readonly<Partial<Record<HoldKind, unknown>>>): FlowStatus => {
  if (holds.throughput !== undefined || holds.spend !== undefined) return "paused_safety";
  return holds.manual === undefined ? "active" : "paused";
};

/** Outcomes for a run whose step fails for good. */
export const ON_FAILURE = ["fail", "pause"] as const;
export type OnFailure = (typeof ON_FAILURE)[number];
