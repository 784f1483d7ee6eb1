/** Kinds of flows, by the owner of the state machine: Sluice or a team. */
export const FLOW_KINDS = ["managed", "attached"] as const;
export type FlowKind = (typeof FLOW_KINDS)[number];
