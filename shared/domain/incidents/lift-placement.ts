import { SluiceError } from "../../model/errors.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { IncidentItem, PlacementItem } from "../../store/flows/incidents.ts";
import { sourcesFor } from "../../store/runs/run-index.ts";
import type { IncidentDependencies } from "../deps.ts";
import { dropSchedules } from "../flows/hold-schedules.ts";
import { beginCanary } from "../holds/canary.ts";
import { holdForIncidents, liftHold, standing } from "./place-hold.ts";

/** Maximum number of runs that are counted per flow. */
const COUNTED = 1_000;
const BATCH = 100;

/**
 * Lifts a resolved incident's hold on one flow, then notes it. If the process dies in between, the next one finds the hold gone and only
 * notes it. A whole hold of another open incident, which had no room beside this one, is placed next.
 */
export const liftPlacement = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  was: PlacementItem,
): Promise<void> => {
  const flow = await deps.flows.read(incident.workspace, was.flowId);
  const isThere = flow?.incarnation === was.incarnation && flow.deleting !== true;
  const holds = isThere && standing(flow, was.holdId) !== undefined;
  if (!holds) {
    // Of a placer that found the flow changed: its hold may be gone, or never was.
    await dropSchedules(deps, { ...was, workspace: incident.workspace }, was.holdId);
    if (was.state === "released" || was.state === "lifted") return;
    // A canary that has passed has lifted the hold, or it was never placed.
    await deps.incidents.place(incident, was, ended(deps, incident, was));
    return;
  }
  const stood = was.stood ?? (await countStanding(deps, flow, was.holdId));
  const state = await lift(deps, incident, flow, was);
  if (state === "lifted") await holdForIncidents(deps, flow);
  const next = state === "lifted" ? ended(deps, incident, was) : { ...was, state };
  if (was.state !== state || was.stood === undefined)
    await deps.incidents.place(incident, was, { ...next, stood });
};

const ended = (
  deps: IncidentDependencies,
  { resolved }: IncidentItem,
  was: PlacementItem,
): PlacementItem => ({
  ...{ ...was, state: "lifted", endedAt: was.endedAt ?? iso(deps.clock.now()) },
  ...(resolved === undefined ? {} : { endedBy: resolved.by.id }),
});

/** Lifts the hold, or leaves it to a canary. Beside a hold that would stop the canary, it is lifted at once. */
const lift = async (
  deps: IncidentDependencies,
  incident: IncidentItem,
  flow: FlowItem,
  { holdId, flowId, incarnation }: PlacementItem,
): Promise<"canary" | "lifted"> => {
  const { workspace, resolved } = incident;
  const { canary } = flow;
  if (resolved?.canary === undefined) {
    await liftHold(deps, incident, flow);
    return "lifted";
  }
  // A canary of its own, even one that has failed: its hold stays until somebody resumes the flow. Or one that somebody else began.
  if (canary?.holds.includes(holdId) === true && (canary.state === "running" || canary.since >= resolved.at))
    return "canary";
  try {
    await beginCanary(deps, {
      ...{ workspace, flowId, incarnation, actor: resolved.by, action: "incident-resolved" },
      ...{ reason: resolved.note, ramp: resolved.ramp, canary: resolved.canary, which: () => [holdId] },
    });
    return "canary";
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "action_not_allowed") throw error;
    await liftHold(deps, incident, flow);
    return "lifted";
  }
};

/** Returns how many runs of the flow stand at the hold. The index may lag. */
const countStanding = async (
  { runIndex }: IncidentDependencies,
  { workspace, flowId, incarnation }: FlowItem,
  holdId: string,
): Promise<number> => {
  const ids = await runIndex.ofFlow(sourcesFor(workspace, { status: ["paused"] }), flowId, COUNTED);
  let count = 0;
  for (let at = 0; at < ids.length; at += BATCH)
    for (const run of await runIndex.read(workspace, ids.slice(at, at + BATCH)))
      if (run.incarnation === incarnation && run.pausedBy?.holdIds?.includes(holdId) === true) count += 1;
  return count;
};
