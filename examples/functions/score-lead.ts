import { withSluiceGate } from "sluice/gate";

/** Points from what is known of the lead. */
export const handler = withSluiceGate(async (lead: { email: string; employees?: number }) => ({
  points: Math.min(100, 40 + (lead.employees ?? 0)),
}));
