import type { Actor } from "../../model/actor.ts";
import type { OpenIncident, ResolveIncident } from "../../model/api/incident-operations.ts";
import { contentHash, idempotentRunId } from "../../model/ids.ts";
import type { Json } from "../../model/json/json.ts";
import { iso } from "../../model/time/clock.ts";
import type { IncidentItem } from "../../store/flows/incidents.ts";
import { type IncidentDependencies, logFields } from "../deps.ts";
import { incidentNotFound, incidentResolved, tooManyNotes, unknownIncidentFlows } from "../hold-refusals.ts";
import { endOf } from "../holds/pause-flow.ts";
import { checkRamp } from "../holds/ramp.ts";
import { idempotencyKeyReused } from "../refusals.ts";
import { goOn, INCIDENT_CHECK_MS } from "./work.ts";

/**
 * Opens an incident: first it is stored, among the open ones, with the work of placing its holds; then they are placed. If the process dies in
 * between, the sweeper goes on. Throws `invalid_request` for flows that do not exist, and for an end that cannot be, and
 * `idempotency_key_reused`.
 */
export const openIncident = async (
  deps: IncidentDependencies,
  { workspace, actor, idempotencyKey: key, ...asked }: OpenRequest,
): Promise<IncidentItem> => {
  const now = deps.clock.now();
  const resumeAt = endOf(asked.resumeAt, now);
  const { title, note, flows, resources, all, mode = "queue" } = asked;
  if (flows !== undefined) await refuseUnknown(deps, workspace, flows);
  const { kind, id } = actor;
  const fresh: IncidentItem = {
    ...{ workspace, title, mode, status: "open", attempt: 0, notes: 0, nonce: deps.ids.unique() },
    incidentId:
      key === undefined ? deps.ids.runId(now) : idempotentRunId("incident", workspace, kind, id, key),
    bodyHash: contentHash(JSON.parse(JSON.stringify(asked)) as Json),
    ...(note === undefined ? {} : { note }),
    ...(flows === undefined ? {} : { flows: [...new Set(flows)] }),
    ...(resources === undefined ? {} : { resources: [...new Set(resources)] }),
    ...(all === undefined ? {} : { all }),
    ...{ openedAt: iso(now), openedBy: actor, resumeAt, work: { kind: "place", done: 0 } },
    due: iso(now + INCIDENT_CHECK_MS),
  };
  const { created, incident } = await deps.incidents.create(fresh);
  if (incident.bodyHash !== fresh.bodyHash) throw idempotencyKeyReused();
  if (!created) return incident;
  deps.log.info("An incident was opened", { ...logFields({ workspace }), incident: incident.incidentId });
  return goOn(deps, incident);
};

interface OpenRequest extends OpenIncident {
  readonly workspace: string;
  readonly actor: Actor;
  readonly idempotencyKey?: string | undefined;
}

export const refuseUnknown = async (
  deps: IncidentDependencies,
  workspace: string,
  flows: readonly string[],
): Promise<void> => {
  const found = await deps.flows.readMany(workspace, [...new Set(flows)]);
  const known = new Set(found.filter(({ deleting }) => deleting !== true).map(({ flowId }) => flowId));
  const unknown = flows.flatMap((flowId, index) => (known.has(flowId) ? [] : [[index, flowId] as const]));
  if (unknown.length > 0) throw unknownIncidentFlows(unknown);
};

/**
 * Resolves an incident: one write takes it from the open ones and stores the work of lifting its holds; then they are lifted. If the process
 * dies in between, the sweeper goes on. A placer that is still at work lifts its own hold. Throws `action_not_allowed` if it is resolved.
 */
export const resolveIncident = async (
  deps: IncidentDependencies,
  { workspace, incidentId, actor, canary, ramp, note }: ResolveIncident & IncidentRequest,
): Promise<IncidentItem> => {
  checkRamp(ramp, undefined);
  const was = await existingIncident(deps, workspace, incidentId);
  const now = deps.clock.now();
  const next: IncidentItem = {
    ...was,
    ...{ status: "resolved", attempt: was.attempt + 1, work: { kind: "lift", done: 0 } },
    resolved: {
      ...{ at: iso(now), by: actor },
      ...(note === undefined ? {} : { note }),
      ...(canary === undefined ? {} : { canary }),
      ...(ramp === undefined ? {} : { ramp }),
    },
    due: iso(now + INCIDENT_CHECK_MS),
  };
  if (was.status !== "open" || !(await deps.incidents.resolve(was, next))) throw incidentResolved();
  deps.log.info("An incident was resolved", { ...logFields({ workspace }), incident: incidentId });
  const stored = await existingIncident(deps, workspace, incidentId);
  return goOn(deps, stored);
};

export interface IncidentRequest {
  readonly workspace: string;
  readonly incidentId: string;
  readonly actor: Actor;
}

/** Adds a note, also to a resolved incident. Throws `action_not_allowed` if it has too many. */
export const noteIncident = async (
  deps: IncidentDependencies,
  { workspace, incidentId, actor, text }: IncidentRequest & { readonly text: string },
): Promise<IncidentItem> => {
  const incident = await existingIncident(deps, workspace, incidentId);
  const note = { at: iso(deps.clock.now()), by: actor, text };
  if (!(await deps.incidents.note(incident, deps.ids.unique(), note))) throw tooManyNotes();
  return incident;
};

export const existingIncident = async (
  deps: Pick<IncidentDependencies, "incidents">,
  workspace: string,
  incidentId: string,
): Promise<IncidentItem> => {
  const incident = await deps.incidents.get(workspace, incidentId);
  if (incident === undefined) throw incidentNotFound();
  return incident;
};
