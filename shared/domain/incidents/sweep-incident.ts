import { SYSTEM } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import type { IncidentItem } from "../../store/flows/incidents.ts";
import type { IncidentDependencies } from "../deps.ts";
import { resolveIncident } from "./change-incident.ts";
import { goOn } from "./work.ts";

/** The time that a sweep, which has other things to do, spends on an incident itself. */
const SWEEP_MS = 5_000;

/**
 * Goes on with an incident whose worker died, resolves one at its end, and compares holds and incidents: while it is open, what should be
 * held; once more after it is resolved and every late writer has ended, what should not.
 */
export const sweepIncident = async (
  deps: IncidentDependencies,
  { workspace, incidentId }: Pick<IncidentItem, "workspace" | "incidentId">,
): Promise<void> => {
  const incident = await deps.incidents.get(workspace, incidentId);
  const now = iso(deps.clock.now());
  if (incident?.due === undefined || incident.due > now) return;
  if (incident.status === "open" && incident.resumeAt <= now) {
    await resolveIncident(deps, { workspace, incidentId, actor: SYSTEM, note: "The incident has ended" });
    return;
  }
  const kind = incident.status === "open" ? "place" : "settle";
  await goOn(deps, { ...incident, work: incident.work ?? { kind, done: 0 } }, SWEEP_MS);
};
