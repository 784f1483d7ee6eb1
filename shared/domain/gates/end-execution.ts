import { parseExecutionName } from "../../model/machines/machine-names.ts";
import type { TaskEvent } from "../../model/machines/task-events.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import { stopExecution } from "../runs/stop-run.ts";
import { runIdOf } from "./gate-question.ts";
import { ofOwnRun } from "./own-run.ts";
import { TaskError } from "./task-error.ts";

type Caller = Pick<TaskEvent, "workspace" | "incarnation" | "execution">;

/**
 * Decides how an execution ends if its run has ended or continues in another execution. A run's own execution is stopped, as a cancel does.
 * An execution that has no run, or was redriven, fails with the returned error.
 */
export const endingOf = async (
  deps: Pick<RunDependencies, "runs" | "executions">,
  event: Caller,
  arn: string,
): Promise<{ readonly stop: RunItem } | TaskError> => {
  const runId = parseExecutionName(event.execution)?.runId;
  const run = runId === undefined ? undefined : await deps.runs.get(event.workspace, runId);
  const isOwn = run?.incarnation === event.incarnation && run.machine === undefined;
  if (!isOwn) return new TaskError("notARun", NOT_A_RUN);
  const redrives = (await deps.executions.describe(arn))?.redriveCount ?? 0;
  return redrives > 0 ? runIsOver(run.runId, run) : { stop: run };
};

/** Stops the execution, or returns the error with which the caller must end it. Throws if it cannot, and the compiled text calls again. */
export const stopOrRefuse = async (
  deps: RunDependencies,
  event: Caller,
  arn: string,
): Promise<TaskError | undefined> => {
  const ending = await endingOf(deps, event, arn);
  if (ending instanceof TaskError) return ending;
  await stopExecution(deps, ending.stop, arn);
  return undefined;
};

const NOT_A_RUN =
  "This execution has no run in Sluice: it was started outside Sluice, or its run was deleted. Start a run through Sluice instead.";

/** Returns the error of an attached flow's execution whose run has ended, or has left it. */
export const overFor = async (deps: Pick<RunDependencies, "runs">, given: TaskEvent): Promise<TaskError> => {
  const { workspace, execution } = await ofOwnRun(deps, given);
  const { runId, attempt } = runIdOf(execution);
  const run = await deps.runs.get(workspace, runId);
  if (run === undefined || run.deleted === true || isTerminal(run.status) || run.attempt === attempt)
    return runIsOver(runId, run);
  return new TaskError(
    "runIsOver",
    `The run ${runId} has left this execution. Resume or replay the run instead.`,
  );
};

/** Returns the error of an execution whose run has ended, with who ended it and why. */
const runIsOver = (runId: string, run: RunItem | undefined): TaskError =>
  new TaskError("runIsOver", `${howItEnded(runId, run)} Start a new execution, or replay the run.`);

const howItEnded = (runId: string, run: RunItem | undefined): string => {
  if (run === undefined || run.deleted === true) return `The run ${runId} was deleted.`;
  if (run.status !== "cancelled") return `The run ${runId} is ${run.status}.`;
  const by = run.recentAudit.findLast(({ to }) => to === "cancelled")?.actor.id;
  const reason = run.cancelReason === undefined ? "" : `: ${run.cancelReason}`;
  return `The run ${runId} was cancelled${by === undefined ? "" : ` by ${by}`}${reason}.`;
};
