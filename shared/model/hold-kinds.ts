/** What may hold a flow. Apart from the schemas: task functions need no schema library for it. */
export const HOLD_KINDS = ["manual", "throughput", "spend"] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];
