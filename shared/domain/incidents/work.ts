import { type BulkState, lastBatch, nextBatch } from "../../model/machines/loop-machine.ts";
import { iso } from "../../model/time/clock.ts";
import type { IncidentItem, IncidentProgress, PlacementItem } from "../../store/flows/incidents.ts";
import { forEachConcurrent } from "../concurrency.ts";
import { type IncidentDependencies, orWarn } from "../deps.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";
import { liftPlacement } from "./lift-placement.ts";
import type { Asked } from "./match-flow.ts";
import { placeHold } from "./place-hold.ts";

/** The time without progress after which the sweeper goes on with the work; longer than a chunk takes. */
export const INCIDENT_CHECK_MS = 60_000;
/** The time between two passes over the flows of an open incident. */
const RECONCILE_MS = 300_000;
/** Flows between two notes of the progress, and how many of them are worked on at once. */
const CHUNK = 20;
const CONCURRENCY = 10;
/** A batch ends after this time, well below the function's timeout. */
const BATCH_MS = 20_000;
/** The time that a request spends itself. The rest is done by the machine of bulk operations. */
const REQUEST_MS = 15_000;

/**
 * Goes on with an incident's work in a new attempt, which stops every earlier one, for so many milliseconds, and leaves the rest to
 * the machine of bulk operations. Progress is noted after each chunk, so whoever goes on repeats at most one chunk, in which every flow that
 * is done is recognized. If the machine cannot be started, the sweeper tries again. Returns the incident as stored.
 */
export const goOn = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  ownMs = REQUEST_MS,
): Promise<IncidentItem> => {
  const now = deps.clock.now();
  const attempt = incident.attempt + 1;
  const claimed = await deps.incidents.advance(incident, {
    ...{ work: incident.work, attempt, due: iso(now + INCIDENT_CHECK_MS) },
  });
  if (claimed === undefined) return (await again(deps, incident)) ?? incident;
  const failed = "The work on an incident stopped; the sweeper will go on";
  const done = await orWarn(deps, incident, failed, () => work(deps, claimed, now + ownMs));
  const left = done ?? (await again(deps, incident)) ?? claimed;
  if (left.work === undefined || left.attempt !== attempt || done === undefined) return left;
  const { workspace, incidentId } = incident;
  await orWarn(deps, incident, failed, () =>
    deps.bulkJobs.start({ workspace, bulkId: incidentId, attempt, batches: 0, incident: true }),
  );
  return left;
};

const again = (deps: IncidentDependencies, { workspace, incidentId }: IncidentItem) =>
  deps.incidents.get(workspace, incidentId);

/** Runs one batch of an incident's work. Returns whether there is a next one. */
export const runIncidentBatch = async (deps: IncidentDependencies, state: BulkState): Promise<BulkState> => {
  const incident = await deps.incidents.get(state.workspace, state.bulkId);
  if (incident?.attempt !== state.attempt) return lastBatch(state);
  const now = deps.clock.now();
  const left = await work(deps, incident, now + BATCH_MS);
  if (left?.work === undefined || left.attempt !== state.attempt) return lastBatch(state);
  return nextBatch(state, deps.clock.now()) ?? lastBatch(state);
};

/** Works until a time (epoch milliseconds). Returns the incident as stored, perhaps by whoever has taken over. */
const work = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  until: number,
): Promise<IncidentItem | undefined> => {
  let current: IncidentItem | undefined = incident;
  while (current?.work !== undefined && current.attempt === incident.attempt && deps.clock.now() < until) {
    const next: IncidentItem | undefined = await workChunk(deps, current);
    current = next ?? (await again(deps, incident));
    if (next === undefined) return current;
  }
  return current;
};

/** Visits the next flows, then notes it. Returns undefined if another attempt or the resolution has taken over. */
const workChunk = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
): Promise<IncidentItem | undefined> => {
  const { work: going, attempt } = incident;
  if (going === undefined) return incident;
  const { kind, cursor = "", done } = going;
  const visited =
    kind === "place" ? await placeNext(deps, incident, cursor) : await liftNext(deps, incident, cursor);
  const now = deps.clock.now();
  const last = visited.at(-1);
  if (visited.length === CHUNK && last !== undefined) {
    const next = { kind, done: done + visited.length, cursor: last };
    return deps.incidents.advance(incident, { work: next, attempt, due: iso(now + INCIDENT_CHECK_MS) });
  }
  return deps.incidents.advance(incident, { ...(await afterWork(deps, incident, kind)), attempt });
};

const placeNext = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  after: string,
): Promise<string[]> => {
  const all = await targets(deps, incident);
  const flowIds = all.filter((flowId) => flowId > after).slice(0, CHUNK);
  await forEachConcurrent(flowIds, { concurrency: CONCURRENCY }, (flowId) =>
    placeHold(deps, incident, { flowId }),
  );
  return flowIds;
};

/** The flows that the incident may hold, in the order of their ids. */
export const targets = async (
  deps: IncidentDependencies,
  { workspace, flows, resources, all }: Pick<IncidentItem, "workspace"> & Asked,
): Promise<readonly string[]> => {
  if (resources === undefined && all !== true) return [...(flows ?? [])].sort();
  const entries = await deps.flows.entries(workspace);
  return entries.map(({ flowId }) => flowId).sort();
};

const liftNext = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  after: string,
): Promise<string[]> => {
  const next: PlacementItem[] = [];
  for await (const placement of deps.incidents.placements(incident, after)) {
    next.push(placement);
    if (next.length === CHUNK) break;
  }
  await forEachConcurrent(next, { concurrency: CONCURRENCY }, (one) => liftPlacement(deps, incident, one));
  return next.map(({ flowId }) => flowId);
};

/**
 * Returns when the sweeper looks at the incident next, now that its work is done: an open one is compared with its flows at intervals; a
 * resolved one once more after every late writer has ended, and for as long as a canary is under way.
 */
const afterWork = async (
  deps: IncidentDependencies,
  { resolved, ...incident }: IncidentItem,
  kind: NonNullable<IncidentItem["work"]>["kind"],
): Promise<Omit<IncidentProgress, "attempt">> => {
  const now = deps.clock.now();
  if (kind === "place") {
    const next = iso(now + RECONCILE_MS);
    return { work: undefined, due: next < incident.resumeAt ? next : incident.resumeAt };
  }
  const settles = Date.parse(resolved?.at ?? iso(now)) + LATE_WRITER_MS;
  if (kind === "lift") return { work: undefined, due: iso(Math.max(settles, now)) };
  for await (const { state } of deps.incidents.placements(incident))
    if (state === "canary" && now < Date.parse(incident.resumeAt))
      return { work: undefined, due: iso(now + RECONCILE_MS) };
  return { work: undefined, due: undefined };
};
