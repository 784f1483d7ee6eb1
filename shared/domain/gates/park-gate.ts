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
 * Stores the token of a gate that was refused, in an order that loses no wake-up: (1) the run records that it may have parks;
 * (2) the park is put where a lift will look for it; (3) the hold and the run are read again; (4) if nothing holds the run any
 * longer, it is woken here. A lift first writes the run as it was read, and then reads the parks, unless the run says that it
 * has none. So either it finds this park, or (1) is refused, or (3) sees its write.
 */
export const parkGate = async (deps: RunDependencies, event: ParkEvent): Promise<void> => {
  const { runId, attempt } = runIdOf(event.execution);
  const run = { ...event, runId };
  const before = await announcePark(deps, run, attempt);
  if (before === undefined) {
    await deps.executions.succeed(event.token, "{}"); // the gate closes it, unless it has been stopped
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
  const after = await readRunAndHold(deps, run);
  if (after.record === undefined || !holds(after.record, after.held, park)) {
    await wake(deps, run, park);
    return;
  }
  if (isTopLevel(event) && (event.inline === true || isNewVisit(after.record, park))) {
    await deps.runs.markParked(after.record, park.parkedAt);
  }
};

/** Records that the run may have parks, and returns whether its flow is held; undefined if nobody would look for a park. */
const announcePark = (
  deps: RunDependencies,
  run: HeldRun,
  attempt: number,
): Promise<{ readonly held: boolean } | undefined> =>
  retryOnConflict(
    deps,
    async () => {
      const { held, record } = await readRunAndHold(deps, run);
      if (record === undefined || isPast(record, attempt)) return undefined;
      return record.neverParked !== true || (await deps.runs.announcePark(record)).ok ? { held } : "conflict";
    },
    () => new Error("The run changes too fast to be parked"),
  );

/** Whether nobody will look for a park of this execution. */
const isPast = (run: RunItem, attempt: number): boolean =>
  run.deleted === true || isTerminal(run.status) || run.attempt !== attempt;

/**
 * Whether the run stays parked. A run that is not paused returns to its gate, which decides; so does a run whose park nobody
 * would look for.
 */
const holds = (run: RunItem, held: boolean, park: ParkItem): boolean =>
  run.deleted !== true &&
  run.status === "paused" &&
  (park.holder === "flow" ? held : run.pausedBy?.kind === "user");

/**
 * Whether the gate's visit is new. If it has passed before, its step is still in progress, so the run is not parked as a whole.
 */
const isNewVisit = (run: RunItem, park: ParkItem): boolean =>
  run.currentStep === undefined || run.currentStep.entered < park.entered;

type HeldRun = Pick<RunItem, "workspace" | "flowId" | "incarnation" | "runId">;
const readRunAndHold = async (
  deps: RunDependencies,
  run: HeldRun,
): Promise<{ held: boolean; record: RunItem | undefined }> => {
  const held = isHeld(await deps.holds.get(run.workspace, run.flowId, run.incarnation));
  return { held, record: await deps.runs.get(run.workspace, run.runId) };
};
