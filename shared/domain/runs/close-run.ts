import { isGenerated } from "../../asl/gates/generated-names.ts";
import { executionArn } from "../../model/machines/machine-names.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { ExecutionState } from "../../outbound/ports.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { EndDependencies, PlaceDependencies, RunDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { type Failure, shortError } from "../steps/failure.ts";
import type { HistoryVisit } from "../steps/history.ts";
import { matchVisits } from "../steps/history-ends.ts";
import { settleOrLeave } from "../steps/settle-steps.ts";
import { byAttempt, visitsOf } from "../steps/step-history.ts";
import { beginningOf, failRun } from "./fail-run.ts";
import { regrouped } from "./failures/failure-group.ts";
import { haltRun, haltsOnFailure } from "./halt-run.ts";
import { keepPlace } from "./keep-place.ts";
import { changeBySystem, ending } from "./status-change.ts";
import { dropParks } from "./stop-run.ts";

type ClosingDependencies = PlaceDependencies & EndDependencies;

/**
 * Closes a run whose current execution has ended. A run that has not ended lost its last gate or was ended from outside, so it
 * takes on the execution's outcome, or halts if its flow holds failures. Idempotent, whatever the order of events: they come late,
 * twice or never. If the process dies, the event is delivered again. If the event is lost, the sweeper corrects the status when it
 * checks the silent run, and readers settle the ends of steps. Returns the current run.
 */
export const closeRun = async (
  deps: ClosingDependencies,
  run: RunItem,
  state: ExecutionState,
): Promise<RunItem | undefined> => {
  if (state.status === "RUNNING" || state.status === "PENDING_REDRIVE") return run;
  const closed = isTerminal(run.status)
    ? await correctError(deps, run, state)
    : await follow(deps, run, state);
  if (closed === undefined || closed.deleted === true || !isTerminal(closed.status)) return closed;
  // The parks' tokens ended with the execution, and there is nothing left to stop. The ends of steps are read here, once. If
  // this process dies before that, the intent of a failed run lets the sweeper delete the parks.
  const contents = await deps.runs.contents(closed.workspace, closed.runId);
  await dropParks(deps, closed, { own: contents.parks });
  const released = await deps.limits.release(deps, closed);
  if (released.intent !== undefined) await deps.runs.clearIntent(released, released.intent.id);
  await settleOrLeave(deps, closed, { contents });
  return closed;
};

/**
 * Gives a run that failed at a Fail state the error with which its execution ended. The gate before the state reported the
 * expected Error and Cause, but if they are evaluated, the result may not be a string: the state then fails with an error of
 * Step Functions. The full cause is stored first: if the process dies, the earlier error stays, and the event is delivered
 * again.
 */
const correctError = async (
  deps: RunDependencies,
  run: RunItem,
  { status, error: name = "", cause = "" }: ExecutionState,
): Promise<RunItem | undefined> => {
  const { error: told } = run;
  // Only a gate reports the step. A deadline or a park's failure stops the execution with its own error.
  if (run.status !== "failed" || status !== "FAILED" || told?.stepId === undefined) return run;
  const failure = { ...told, error: name, cause };
  const error = shortError(failure);
  if (error.error === told.error && error.cause === told.cause) return run;
  await deps.runs.putOutput(run.workspace, run.runId, { error: name, cause });
  const written = await deps.runs.updateAttributes(run, { set: { error, ...regrouped(run, failure) } });
  return written.ok ? written.run : written.current;
};

const follow = async (
  deps: ClosingDependencies,
  run: RunItem,
  state: ExecutionState,
): Promise<RunItem | undefined> => {
  if (state.status === "SUCCEEDED") return complete(deps, run, state);
  if (state.status === "FAILED" && (await haltsOnFailure(deps, run, deps.clock.now())))
    return halt(deps, run, state);
  return failRun(deps, run, await failureOf(deps, run, state), {
    began: true,
    stop: true, // the execution has ended, but its parks have not been deleted yet
    still: (current) => isOf(current, run),
  });
};

/** If the process dies after the first of the two, the event's next delivery, the sweeper or the resume makes up for the second. */
const halt = async (
  deps: ClosingDependencies,
  run: RunItem,
  { error = "", cause = "" }: ExecutionState,
): Promise<RunItem | undefined> => {
  const visits = await visitsOf(deps, run);
  const state = lastOpen(visits.filter(({ nested }) => nested === undefined))?.state ?? "";
  const halted = await haltRun(deps, run, { error, cause, state });
  return halted && keepPlace(deps, halted);
};

/** Whether that execution is still the run's: the run may have continued in another. */
const isOf = (current: RunItem, { attempt }: RunItem): boolean => current.attempt === attempt;

const complete = async (
  deps: EndDependencies,
  run: RunItem,
  state: ExecutionState,
): Promise<RunItem | undefined> => {
  const output =
    state.output ?? (await deps.executions.describe(executionArn(deps.machinePlace, run)))?.output;
  await deps.runs.putOutput(run.workspace, run.runId, output === undefined ? {} : { output });
  let record: RunItem | undefined = run;
  return retryOnConflict(
    deps,
    async () => {
      if (record === undefined) return undefined;
      if (record.deleted === true || isTerminal(record.status) || !isOf(record, run)) return record;
      const now = deps.clock.now();
      const { set, remove } = ending(now);
      const written = await deps.runs.changeStatus(record, [changeBySystem("complete", now)], {
        set: { ...set, ...beginningOf(record) },
        remove: [...remove, "intent"],
      });
      if (written.ok) {
        if (record.currentStep?.countsCompletion === true) await deps.ends.completion(record);
        return written.run;
      }
      record = written.current;
      return "conflict";
    },
    () => new Error("The run changes too fast to be completed"),
  );
};

const OUTSIDE: Readonly<Record<"ABORTED" | "TIMED_OUT", { error: string; cause: string }>> = {
  ABORTED: { error: "Sluice.ExecutionAborted", cause: "The execution was stopped outside Sluice" },
  TIMED_OUT: {
    error: "Sluice.ExecutionTimedOut",
    cause: "The execution reached the time limit of Step Functions",
  },
};

const failureOf = async (deps: RunDependencies, run: RunItem, state: ExecutionState): Promise<Failure> => {
  const { status, error, cause } = state;
  if (status === "ABORTED" || status === "TIMED_OUT") {
    const details = [error, cause].filter((part) => part !== undefined && part !== "").join(": ");
    const reason = OUTSIDE[status];
    return { ...reason, cause: details === "" ? reason.cause : `${reason.cause} (${details})`, state: "" };
  }
  const visits = await visitsOf(deps, run);
  const culprit = lastOpen(visits);
  const all = await deps.steps.all(run.workspace, run.runId);
  const steps = byAttempt(run, all).get(run.attempt) ?? [];
  const matched = matchVisits(steps, visits);
  const step = culprit && steps.findLast(({ stepId }) => matched.get(stepId) === culprit);
  return {
    error: error ?? "",
    cause: cause ?? "",
    state: culprit?.state ?? "",
    ...(step === undefined ? {} : { stepId: step.stepId }),
  };
};

/** Returns the user's state that a failed execution never left: one that failed, otherwise the last one entered. */
const lastOpen = (visits: readonly HistoryVisit[]): HistoryVisit | undefined => {
  const open = visits.filter(({ exited, state }) => exited === undefined && !isGenerated(state));
  return open.findLast((visit) => visit.failed !== undefined) ?? open.at(-1);
};
