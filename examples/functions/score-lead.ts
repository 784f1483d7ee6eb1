import { withSluiceGate } from "sluice/gate";

/** Computes a score from the lead's data. */
export const handler = withSluiceGate(async (lead: { email: string; employees?: number }) => ({
  points: Math.min(100, 40 + (lead.employees ?? 0)),
}));
