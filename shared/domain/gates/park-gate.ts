import { isGenerated } from "../../asl/gates/generated-names.ts";
import { THE_END } from "../../asl/history/continue-as-new.ts";
import { type Kept, keeps } from "../../model/holds/keeps.ts";
import { parseExecutionName } from "../../model/machines/machine-names.ts";
import type { ParkEvent } from "../../model/machines/task-events.ts";
import { iso } from "../../model/time/clock.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunWriteResult } from "../../store/runs/run-write.ts";
import type { RunDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { waitsForSlot } from "../runs/queued-run.ts";
import { changeByActor, changeBySystem } from "../runs/status-change.ts";
import { wake } from "../runs/wake-run.ts";
import { enteredAt, isTopLevel } from "../steps/visit.ts";
import { orderedPause, pausedBefore } from "./breakpoint.ts";
import { heldByFlow } from "./decide-gate.ts";
import { stopOrRefuse } from "./end-execution.ts";
import { runIdOf } from "./gate-question.ts";
import { ofOwnRun } from "./own-run.ts";

/**
 * Stores the token of a gate that was refused, in an order that loses no wake-up: (1) the run records that it may have parks;
 * (2) the park is put where a lift will look for it; (3) the hold and the run are read again; (4) if nothing holds the run any
 * longer, it is woken here. A lift first writes the run as it was read, and then reads the parks, unless the run says that it
 * has none. So either it finds this park, or (1) is refused, or (3) sees its write.
 */
export const parkGate = async (deps: RunDependencies, given: ParkEvent): Promise<void> => {
  if (isForeign(given)) return endExecution(deps, given);
  const event = await ofOwnRun(deps, given);
  const { runId, attempt } = runIdOf(event.execution);
  const before = await announcePark(deps, event);
  if (before === undefined) {
    if (isManaged(event)) return endExecution(deps, event);
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
    // The run is woken when it gets a slot.
    holder: before.kept !== undefined && !waitsForSlot(before.run) ? "flow" : "user",
    version: before.run.version,
    ...(attempt === 1 ? {} : { attempt }),
    ...(event.child === undefined ? {} : { child: event.child }),
  };
  await deps.parks.put(before.run, park);
  const after = await readRunAndHold(deps, event, runId);
  if (after.run === undefined || !holds(after.run, after.kept, park)) {
    await wake(deps, before.run, park);
    return;
  }
  if (waitsForSlot(after.run)) return;
  if (isTopLevel(event) && (event.inline === true || isNewVisit(after.run, park))) {
    await deps.runs.markParked(after.run, park.parkedAt, isGenerated(park.state) ? THE_END : park.state);
  }
};

/**
 * Records that the run may have parks, and returns its flow's holds; undefined if no one would look for a park. For the first child of a
 * Distributed Map that the flow or a breakpoint stops, the park also changes the run's status. The gate does not, because its call can be
 * repeated long after the child has passed, and then no park would end that hold.
 */
const announcePark = (
  deps: RunDependencies,
  event: ParkEvent,
): Promise<{ readonly run: RunItem; readonly kept: Kept | undefined } | undefined> =>
  retryOnConflict(
    deps,
    async () => {
      const { runId, attempt } = runIdOf(event.execution);
      const { kept, run } = await readRunAndHold(deps, event, runId);
      if (run === undefined || isPast(run, { incarnation: event.incarnation, attempt })) return undefined;
      const written = await announcement(deps, run, event, kept);
      return written === undefined || written.ok ? { run: written?.run ?? run, kept } : "conflict";
    },
    () => new Error("The run changes too fast to be parked"),
  );

const announcement = async (
  deps: RunDependencies,
  run: RunItem,
  event: ParkEvent,
  kept: Kept | undefined,
): Promise<RunWriteResult | undefined> => {
  if (event.child !== undefined && run.status !== "paused") {
    const now = deps.clock.now();
    if (kept?.partly === false)
      return deps.runs.changeStatus(run, [changeBySystem("hold", now)], heldByFlow(kept, now));
    const { state } = event;
    const ordered = orderedPause(run, { state, topLevel: false, stepId: "" });
    if (kept === undefined && ordered !== undefined && run.status === "running") {
      const { by, reason } = ordered;
      const pause = changeByActor("pause", by, now, { reason });
      return deps.runs.changeStatus(run, [pause], pausedBefore(state, ordered, now));
    }
  }
  return run.neverParked === true ? deps.runs.announcePark(run) : undefined;
};

/** Whether nobody will look for a park of this execution. */
const isPast = (run: RunItem, { incarnation, attempt }: Pick<RunItem, "incarnation" | "attempt">): boolean =>
  run.deleted === true ||
  isTerminal(run.status) ||
  run.attempt !== attempt ||
  run.incarnation !== incarnation;

type Managed = ParkEvent & { readonly arn: string };

/** Whether the park of this text ends executions. That of release 0.1 does not. */
const isManaged = (event: ParkEvent): event is Managed =>
  event.arn !== undefined && event.attached === undefined;

/**
 * Ends the execution. One that has no run, or was redriven, returns to its gate, which fails it. An inline gate cannot, since its errors are
 * the step's; and the gate of a Distributed Map's child would only fail the child.
 */
const endExecution = async (deps: RunDependencies, event: Managed): Promise<void> => {
  const refusal = await stopOrRefuse(deps, event, event.arn);
  if (refusal === undefined) return;
  const { name, message } = refusal;
  if (event.child !== undefined) await deps.executions.stop(event.arn, name, message);
  else if (event.inline === true) await deps.executions.fail(event.token, name, message);
  else await deps.executions.succeed(event.token, "{}");
};

/** Whether Sluice did not start this execution of a managed flow. */
const isForeign = (event: ParkEvent): event is Managed =>
  isManaged(event) && parseExecutionName(event.execution) === undefined;

/**
 * Whether the run stays parked. A run that is not paused returns to its gate, which decides; so does a run whose park nobody
 * would look for. A branch at a held state stands whatever the run's status is, since its gate does not change it: otherwise,
 * the branch would be woken forever.
 */
const holds = (run: RunItem, kept: Kept | undefined, park: ParkItem): boolean => {
  if (run.deleted === true || isTerminal(run.status)) return false;
  if (park.holder === "user" && waitsForSlot(run)) return true;
  if (park.holder === "user") return run.status === "paused" && run.pausedBy?.kind === "user";
  return kept !== undefined && (run.status === "paused" || (kept.partly && park.path !== ""));
};

/**
 * Whether the gate's visit is new. If it has passed before, its step is still in progress, so the run is not parked as a whole.
 */
const isNewVisit = (run: RunItem, park: ParkItem): boolean =>
  run.currentStep === undefined || run.currentStep.entered < park.entered;

/** The run tells which flow's hold to read. Both reads come after whatever the caller has written. */
const readRunAndHold = async (
  deps: RunDependencies,
  { workspace, state }: ParkEvent,
  runId: string,
): Promise<{ kept: Kept | undefined; run: RunItem | undefined }> => {
  const run = await deps.runs.get(workspace, runId);
  if (run === undefined) return { kept: undefined, run };
  const hold = await deps.holds.get(workspace, run.flowId, run.incarnation);
  return { kept: keeps(hold, run, run.version, state, laterOf(deps.clock.now(), run)), run };
};

/**
 * Returns the time at which the gate held the run, if that is later than this clock's. Otherwise, a time to finish that is over for the gate
 * would not be over here, and the run would wake itself again and again.
 */
const laterOf = (now: number, { pausedBy }: RunItem): number =>
  pausedBy?.kind === "flow" ? Math.max(now, Date.parse(pausedBy.at)) : now;
