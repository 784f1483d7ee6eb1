import type { ParkEvent } from "../../model/machines/task-events.ts";
import { iso } from "../../model/time/clock.ts";
import { isTerminal } from "../../model/transitions.ts";
import { isHeld } from "../../store/flows/holds.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { wake } from "../runs/wake-run.ts";
import { enteredAt, isTopLevel } from "../steps/visit.ts";
import { runIdOf } from "./gate-question.ts";

/**
 * Keeps the token of a gate that was refused, in an order that loses no wake-up:
 * (1) let the run say that it may have parks; (2) put the park where the hold will look for it; (3) then read again what holds;
 * (4) nothing holds any more: wake yourself. Whoever lifts the hold writes first, on the run as they read it, and reads the parks
 * second, unless that said that there are none: so either they find this one, or (1) is refused, or (3) sees their write.
 */
export const parkGate = async (deps: RunDependencies, event: ParkEvent): Promise<void> => {
  const { runId, attempt } = runIdOf(event.execution);
  const run = { ...event, runId };
  const before = await announced(deps, run, attempt);
  if (before === undefined) {
    await deps.executions.succeed(event.token, "{}"); // the gate closes it, where it has not been stopped
    return;
  }
  const park: ParkItem = {
    runId,
    token: event.token,
    state: event.state,
    path: event.path,
    entered: enteredAt(event),
    parkedAt: iso(deps.clock.now()),
    holder: before.held ? "flow" : "user",
  };
  await deps.parks.put(run, park);
  const after = await whatHolds(deps, run);
  if (after.record === undefined || !holds(after.record, after.held, park)) {
    await wake(deps, run, park);
    return;
  }
  if (isTopLevel(event) && (event.inline === true || isNewVisit(after.record, park))) {
    await deps.runs.markParked(after.record, park.parkedAt);
  }
};

/** What holds the run, once it no longer says that nothing of it is parked; undefined where nobody would look for a park. */
const announced = (
  deps: RunDependencies,
  run: HeldRun,
  attempt: number,
): Promise<{ readonly held: boolean } | undefined> =>
  retryOnConflict(
    deps,
    async () => {
      const { held, record } = await whatHolds(deps, run);
      if (record === undefined || isPast(record, attempt)) return undefined;
      return record.neverParked !== true || (await deps.runs.announcePark(record)).ok ? { held } : "conflict";
    },
    () => new Error("The run changes too fast to be parked"),
  );

/** Nobody will look for a park of this execution any more. */
const isPast = (run: RunItem, attempt: number): boolean =>
  run.deleted === true || isTerminal(run.status) || run.attempt !== attempt;

/** A run that is not paused goes back to its gate, which decides; so does one whose park nobody would look for. */
const holds = (run: RunItem, held: boolean, park: ParkItem): boolean =>
  run.deleted !== true &&
  run.status === "paused" &&
  (park.holder === "flow" ? held : run.pausedBy?.kind === "user");

/** A gate before a step that already let this visit pass has a step in progress: the run does not stand still. */
const isNewVisit = (run: RunItem, park: ParkItem): boolean =>
  run.currentStep === undefined || run.currentStep.entered < park.entered;

type HeldRun = Pick<RunItem, "workspace" | "flowId" | "incarnation" | "runId">;
const whatHolds = async (
  deps: RunDependencies,
  run: HeldRun,
): Promise<{ held: boolean; record: RunItem | undefined }> => {
  const held = isHeld(await deps.holds.get(run.workspace, run.flowId, run.incarnation));
  return { held, record: await deps.runs.get(run.workspace, run.runId) };
};
