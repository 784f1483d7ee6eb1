import { readCursor, writeCursor } from "../../model/cursor.ts";
import { MAX_LISTED_HOLDS, type PlacementState } from "../../model/holds/incident.ts";
import type { Incident, IncidentSummary, TimelineEntry } from "../../model/schemas/incident.ts";
import type { IncidentItem, IncidentNote, PlacementItem } from "../../store/flows/incidents.ts";
import type { IncidentDependencies } from "../deps.ts";

type ReadDependencies = Pick<IncidentDependencies, "incidents">;

/** The format of cursors: an entry of the list. */
const LINE = /^INCIDENT#[0-9TZ:.-]{24}#[0-9a-f-]{36}$/;

/** Lists incidents, newest first. */
export const listIncidents = async (
  { incidents }: ReadDependencies,
  workspace: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ items: IncidentSummary[]; nextCursor?: string }> => {
  const list = ["incidents", workspace];
  const found: { at: string; incidentId: string }[] = [];
  for await (const entry of incidents.list(workspace, readCursor(list, cursor, LINE))) {
    found.push(entry);
    if (found.length > limit) break;
  }
  const page = found.slice(0, limit);
  const ids = page.map(({ incidentId }) => incidentId);
  const items = (await incidents.getMany(workspace, ids)).map(summary);
  const last = page.at(-1);
  return found.length <= limit || last === undefined
    ? { items }
    : { items, nextCursor: writeCursor(list, last.at) };
};

/** Returns the incident with its holds and its timeline. */
export const showIncident = async (
  { incidents }: ReadDependencies,
  incident: IncidentItem,
): Promise<Incident> => {
  const placements: PlacementItem[] = [];
  let size = 0;
  for await (const placement of incidents.placements(incident)) {
    size += JSON.stringify(placement).length;
    if (size > MAX_LISTED_HOLDS) break;
    placements.push(placement);
  }
  const notes = await incidents.notes(incident);
  return {
    ...summary(incident),
    holds: placements.map(({ incarnation: _incarnation, steps, unheld, ...placement }) => ({
      ...placement,
      ...(steps && { steps: [...steps] }),
      ...(unheld && { unheld: [...unheld] }),
    })),
    ...(size > MAX_LISTED_HOLDS && { more: true }),
    timeline: timelineOf(incident, placements, notes),
  };
};

const summary = (incident: IncidentItem): IncidentSummary => {
  const { incidentId, title, status, mode, flows, resources, all, openedAt, resumeAt, resolved, work } =
    incident;
  return {
    ...{ incidentId, title, status, mode, by: incident.openedBy.id, openedAt, resumeAt },
    ...(flows && { flows: [...flows] }),
    ...(resources && { resources: [...resources] }),
    ...(all && { all }),
    ...(resolved && { resolvedAt: resolved.at, resolvedBy: resolved.by.id }),
    ...(work && { progress: { work: work.kind, done: work.done } }),
  };
};

const timelineOf = (
  { title, note, openedAt, openedBy, resolved }: IncidentItem,
  placements: readonly PlacementItem[],
  notes: readonly IncidentNote[],
): TimelineEntry[] => {
  const entries: TimelineEntry[] = [{ at: openedAt, event: "opened", by: openedBy.id, text: title }];
  const noted = (at: string, by: string, text: string | undefined): void => {
    if (text !== undefined) entries.push({ at, event: "noted", by, text });
  };
  noted(openedAt, openedBy.id, note);
  for (const { at, by, text } of notes) noted(at, by.id, text);
  for (const placement of placements) entries.push(...entriesOf(placement, openedBy.id));
  if (resolved !== undefined) {
    const heldSeconds = secondsBetween(openedAt, resolved.at);
    entries.push({ at: resolved.at, event: "resolved", by: resolved.by.id, heldSeconds });
    noted(resolved.at, resolved.by.id, resolved.note);
  }
  return entries.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
};

const ENDS = {
  ...{ placing: "lifted", refused: "lifted", held: "lifted", canary: "lifted", lifted: "lifted" },
  ...{ released: "released", unmatched: "unmatched" },
} as const satisfies Record<PlacementState, TimelineEntry["event"]>;

const entriesOf = (placement: PlacementItem, openedBy: string): TimelineEntry[] => {
  const { flowId, holdId, state, since, steps, unheld, endedAt, endedBy, stood } = placement;
  if (state === "placing" || state === "refused") return [];
  const held: TimelineEntry = {
    ...{ at: since, event: "held", by: openedBy, flowId, holdId },
    ...(steps && { steps: [...steps] }),
    ...(unheld && { unheld: [...unheld] }),
  };
  if (endedAt === undefined) return [held];
  const end: TimelineEntry = {
    ...{ at: endedAt, event: ENDS[state], flowId, holdId },
    ...(endedBy !== undefined && { by: endedBy }),
    ...(stood !== undefined && { stood }),
    heldSeconds: secondsBetween(since, endedAt),
  };
  return [held, end];
};

const secondsBetween = (from: string, to: string): number =>
  Math.max(Math.round((Date.parse(to) - Date.parse(from)) / 1_000), 0);
