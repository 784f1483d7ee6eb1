import { iso } from "../model/clock.ts";
import type { ParkEvent } from "../model/task-events.ts";
import { isTerminal } from "../model/transitions.ts";
import { isHeld } from "../store/holds.ts";
import type { ParkRecord, RunRecord } from "../store/records.ts";
import type { Engine } from "./engine.ts";
import { runIdOf } from "./gate-question.ts";
import { enteredAt, isTopLevel } from "./visit.ts";
import { wake } from "./wake-run.ts";

/**
 * Keeps the token of a gate that was refused, in an order that loses no wake-up:
 * (1) put the park where the hold will look for it; (2) then read again what holds; (3) nothing holds any more: wake yourself.
 * Whoever lifts the hold writes first and reads the parks second, so either they find this one, or (2) sees their write.
 */
export const parkGate = async (engine: Engine, event: ParkEvent): Promise<void> => {
  const { runId, attempt } = runIdOf(event.execution);
  const run = { ...event, runId };
  const before = await whatHolds(engine, run);
  if (before.record === undefined || isPast(before.record, attempt)) {
    await engine.executions.succeed(event.token, "{}"); // the gate closes it, where it has not been stopped
    return;
  }
  const park: ParkRecord = {
    runId,
    token: event.token,
    state: event.state,
    path: event.path,
    entered: enteredAt(event),
    parkedAt: iso(engine.clock.now()),
    holder: before.held ? "flow" : "user",
  };
  await engine.parks.put(run, park);
  const after = await whatHolds(engine, run);
  if (after.record === undefined || !holds(after.record, after.held, park)) {
    await wake(engine, run, park);
    return;
  }
  if (isTopLevel(event) && (event.inline === true || isNewVisit(after.record, park))) {
    await engine.runs.noteParked(after.record, park.parkedAt);
  }
};

/** Nobody will look for a park of this execution any more. */
const isPast = (run: RunRecord, attempt: number): boolean =>
  run.deleted === true || isTerminal(run.status) || run.attempt !== attempt;

/** A run that is not paused goes back to its gate, which decides; so does one whose park nobody would look for. */
const holds = (run: RunRecord, held: boolean, park: ParkRecord): boolean =>
  run.deleted !== true &&
  run.status === "paused" &&
  (park.holder === "flow" ? held : run.pausedBy?.kind === "user");

/** A gate before a step that already let this visit pass has a step in progress: the run does not stand still. */
const isNewVisit = (run: RunRecord, park: ParkRecord): boolean =>
  run.currentStep === undefined || run.currentStep.entered < park.entered;

const whatHolds = async (
  engine: Engine,
  run: { workspace: string; flowId: string; incarnation: string; runId: string },
): Promise<{ held: boolean; record: RunRecord | undefined }> => {
  const held = isHeld(await engine.holds.get(run.workspace, run.flowId, run.incarnation));
  return { held, record: await engine.runs.get(run.workspace, run.runId) };
};
