import { isDeepStrictEqual } from "node:util";
import { SluiceError } from "../../model/errors.ts";
import { MAX_PARTIAL_HOLDS, type StandingHold, standingHolds } from "../../model/holds/hold.ts";
import { digest } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import type { IncidentItem, PlacementItem } from "../../store/flows/incidents.ts";
import { type IncidentDependencies, orWarn } from "../deps.ts";
import { heldByOtherIncident, tooManyPartialHolds } from "../hold-refusals.ts";
import { addHold } from "../holds/add-hold.ts";
import { liftHolds, startNewDrain } from "../holds/lift-hold.ts";
import { isSame, keepsEarlier, type Match, matchFlow, shownOf, withEarlier } from "./match-flow.ts";

/** Whether the incident still holds flows. */
const isOpen = (incident: IncidentItem | undefined, now: number): incident is IncidentItem =>
  incident?.status === "open" && incident.resumeAt > iso(now);

/** The id of the incident's hold on a flow: always the same, so that whoever repeats the placing recognizes it. */
const holdIdOf = (
  { incidentId }: Pick<IncidentItem, "incidentId">,
  { incarnation }: Pick<FlowIdentity, "incarnation">,
): string => digest("incident", incidentId, incarnation);

/** Publications that one placing may meet. After more, the sweeper places the hold. */
const MAX_TRIES = 5;

/**
 * Holds a flow for an open incident, if it matches. The order of calls: the intent, so that whoever resolves the incident finds the flow;
 * the hold; then the incident is read again, and its hold is lifted if it is open no longer. If the process dies after the hold, the one that
 * resolves lifts it: it has the intent, and repeats its lifts after every late writer has ended. A flow that somebody resumed has the hold's
 * id among those lifted, and is not held again. A flow that matches no longer loses the hold, and may get it again.
 * @param by the id of whoever has just resumed the flow
 */
export const placeHold = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  { flowId }: Pick<FlowItem, "flowId">,
  by?: string,
): Promise<void> => {
  for (let tries = 0; tries < MAX_TRIES; tries += 1)
    if ((await tryPlace(deps, incident, flowId, by)) !== "published") return;
};

/** Returns `published` if another version of the flow became active in between, whose states were not looked at. */
const tryPlace = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  flowId: string,
  by: string | undefined,
): Promise<"published" | undefined> => {
  const { workspace, incidentId } = incident;
  const flow = await deps.flows.read(workspace, flowId);
  if (flow === undefined || flow.deleting === true) return undefined;
  const holdId = holdIdOf(incident, flow);
  const known = await deps.incidents.placement(incident, flowId, flow.incarnation);
  if (wasLifted(flow, holdId)) return release(deps, incident, known, by);
  const own = standing(flow, holdId);
  const found = await matchFlow(deps, incident, flow);
  if (found === undefined && (own === undefined || keepsEarlier(flow, deps.clock.now()))) return undefined;
  if (found === undefined) return unmatched(deps, incident, flow, known);
  const match = withEarlier(found, own, flow, deps.clock.now());
  const was = known?.state === "unmatched" ? await replaced(deps, incident, flow, match, known) : known;
  const first = was ?? placementOf(deps, incident, flow, match);
  if (was === undefined) await deps.incidents.intend(incident, first);
  if (first.state === "released" || first.state === "lifted") return undefined;
  const next = await tryHold(deps, incident, flow, match, first);
  if (next === undefined) return undefined;
  const current = await deps.incidents.get(workspace, incidentId);
  if (!isOpen(current, deps.clock.now())) {
    await liftHold(deps, current ?? incident, flow);
    return undefined;
  }
  if (next.version !== flow.version) return "published";
  if (standing(next, holdId) === undefined) return release(deps, incident, first, by);
  const { detail: _old, unheld: _before, ...rest } = first;
  const held: PlacementItem = { ...rest, ...shownOf(match), state: "held" };
  if (!isDeepStrictEqual(held, first)) await deps.incidents.place(incident, first, held);
  return undefined;
};

const placementOf = (
  deps: IncidentDependencies,
  incident: IncidentItem,
  flow: FlowItem,
  match: Match,
): PlacementItem => ({
  ...{ flowId: flow.flowId, incarnation: flow.incarnation, holdId: holdIdOf(incident, flow) },
  ...{ state: "placing", since: iso(deps.clock.now()), ...shownOf(match) },
});

/** Begins to hold a flow again that did not match for a while. */
const replaced = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  flow: FlowItem,
  match: Match,
  was: PlacementItem,
): Promise<PlacementItem> => {
  const next = placementOf(deps, incident, flow, match);
  await deps.incidents.place(incident, was, next);
  return next;
};

/**
 * Lifts the hold of a flow that matches no longer, unless the flow has changed since it was looked at. If the process dies before that is
 * noted, the next one finds the hold gone: the flow is held again once it matches, and not before.
 */
const unmatched = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  flow: FlowItem,
  was: PlacementItem | undefined,
): Promise<undefined> => {
  const next = await liftHold(deps, incident, flow, flow.rev);
  if (was === undefined || standing(next, holdIdOf(incident, flow)) !== undefined) return;
  await deps.incidents.place(incident, was, { ...was, state: "unmatched", endedAt: iso(deps.clock.now()) });
};

/** Returns the flow with the hold; undefined if it could not be held, which is tried again. */
const tryHold = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  flow: FlowItem,
  match: Match,
  was: PlacementItem,
): Promise<FlowItem | undefined> => {
  try {
    return await hold(deps, incident, flow, match, was);
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code === "service_unavailable") throw error;
    const detail = error.message;
    if (was.detail !== detail)
      await deps.incidents.place(incident, was, { ...was, state: "refused", detail });
    return undefined;
  }
};

const hold = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  flow: FlowItem,
  match: Match,
  { holdId, since }: PlacementItem,
): Promise<FlowItem> => {
  const { incidentId, title, openedBy, resumeAt, mode } = incident;
  let before = flow;
  const next = await addHold(deps, flow, {
    ...{ kind: "incident", action: "incident-placed", isShared: true },
    ...(match === "whole" ? {} : { mode: "queue", steps: match }),
    hold: {
      ...{ id: holdId, since, by: openedBy, reason: title, resumeAt, incidentId },
      ...(match === "whole" && mode === "reject" ? { rejects: true as const } : {}),
    },
    check: (current) => {
      before = current;
      const own = standing(current, holdId);
      const isDone = own !== undefined && isSame(own, match);
      if (wasLifted(current, holdId) || current.version !== flow.version || isDone) return current;
      if (own === undefined) refuseBesideOthers(current, match);
      return undefined;
    },
  });
  await startNewDrain(deps, before, next);
  return next;
};

const refuseBesideOthers = (flow: FlowItem, match: Match): void => {
  if (match === "whole" && flow.holds.incident !== undefined)
    throw heldByOtherIncident(flow, flow.holds.incident.incidentId);
  if (match !== "whole" && Object.keys(flow.partialHolds ?? {}).length >= MAX_PARTIAL_HOLDS)
    throw tooManyPartialHolds(flow);
};

export const standing = (flow: FlowItem, holdId: string): StandingHold | undefined =>
  standingHolds(flow).find(({ id }) => id === holdId);

const wasLifted = ({ liftedIncidents = [] }: FlowItem, holdId: string): boolean =>
  liftedIncidents.includes(holdId);

/** Notes that the hold was lifted: by somebody who resumed the flow, or because the incident is resolved. */
const release = async (
  deps: IncidentDependencies,
  { workspace, incidentId }: IncidentItem,
  was: PlacementItem | undefined,
  by: string | undefined,
): Promise<undefined> => {
  if (was === undefined || was.state === "released" || was.state === "lifted") return;
  const incident = await deps.incidents.get(workspace, incidentId);
  if (incident === undefined) return;
  const now = deps.clock.now();
  const ended = isOpen(incident, now) ? ({ state: "released" } as const) : ({ state: "lifted" } as const);
  const next = { ...was, ...ended, endedAt: iso(now), ...(by === undefined ? {} : { endedBy: by }) };
  await deps.incidents.place(incident, was, next);
};

/**
 * Lifts the incident's hold on a flow, without a canary. Does nothing if it does not stand.
 * @param rev if given, the hold is lifted only at this revision of the flow, and the incident may place it again
 */
export const liftHold = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  { flowId, incarnation }: Pick<FlowIdentity, "flowId" | "incarnation">,
  rev?: number,
): Promise<FlowItem> => {
  const { workspace, resolved } = incident;
  const holdId = holdIdOf(incident, { incarnation });
  const actor = resolved?.by ?? incident.openedBy;
  const why =
    rev === undefined
      ? { action: "incident-resolved", reason: resolved?.note ?? incident.title, ramp: resolved?.ramp }
      : ({ action: "incident-unmatched", reason: incident.title, mayReturn: true } as const);
  return liftHolds(deps, {
    ...{ workspace, flowId, incarnation, actor, ...why },
    which: (flow) =>
      standing(flow, holdId) === undefined || (rev !== undefined && rev !== flow.rev) ? [] : [holdId],
  });
};

/**
 * Holds a flow that has just been published, attached or activated for every open incident that it matches; notes it for those out of which
 * somebody has just taken it by a resume. The flow's write comes first and the open incidents are read after it, while an incident is among
 * the open ones before its flows are read: one of the two sees the other. Never throws; what is missed, the sweeper does. Returns whether
 * there are open incidents.
 */
export const holdForIncidents = async (
  deps: IncidentDependencies,
  flow: Pick<FlowItem, "workspace" | "flowId">,
  by?: string,
): Promise<boolean> => {
  const { workspace, flowId } = flow;
  const found = await orWarn(
    deps,
    { workspace, flowId },
    "The open incidents could not hold the flow; the sweeper will",
    async () => {
      const open = await deps.incidents.open(workspace);
      for (const id of open) {
        const incident = await deps.incidents.get(workspace, id);
        if (isOpen(incident, deps.clock.now())) await placeHold(deps, incident, flow, by);
      }
      return open.length > 0;
    },
  );
  return found ?? true;
};
