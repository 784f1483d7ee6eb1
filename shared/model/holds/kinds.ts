/** The reasons why a flow can be held: a person, a cap, or an incident. */
export const HOLD_KINDS = ["manual", "throughput", "spend", "errors", "incident"] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];

/** The holds that Resume lifts. That of a spend cap ends with its period, or with a higher cap; that of an incident when it is resolved. */
export const LIFTABLE_HOLDS = ["manual", "throughput", "errors"] as const satisfies readonly HoldKind[];
/** The kinds that a resume may name. */
export const RESUMABLE_HOLDS = [...LIFTABLE_HOLDS, "incident"] as const satisfies readonly HoldKind[];

export const FLOW_STATUSES = ["active", "paused", "paused_safety"] as const;
export type FlowStatus = (typeof FLOW_STATUSES)[number];

/** Returns the status of a flow with these holds: a safety hold outranks a manual one. */
export const flowStatus = (holds: Readonly<Partial<Record<HoldKind, unknown>>>): FlowStatus => {
  const { manual, ...safety } = holds;
  if (Object.values(safety).some((hold) => hold !== undefined)) return "paused_safety";
  return manual === undefined ? "active" : "paused";
};

/** Outcomes for a run whose step fails for good. */
export const ON_FAILURE = ["fail", "pause"] as const;
export type OnFailure = (typeof ON_FAILURE)[number];
