import { parseExecutionName } from "../../model/machines/machine-names.ts";
import { TASK_ERRORS, type TaskEvent } from "../../model/machines/task-events.ts";
import type { RunDependencies } from "../deps.ts";
import { stopExecution } from "../runs/stop-run.ts";

/**
 * Ends an execution whose run has ended, or continues in another execution, as a cancel does. An execution without a run ends with
 * `Sluice.NotARun`. Throws if the execution cannot be stopped; the compiled text then calls again.
 */
export const endExecution = async (
  deps: RunDependencies,
  event: Pick<TaskEvent, "workspace" | "incarnation" | "execution">,
  arn: string,
): Promise<void> => {
  const runId = parseExecutionName(event.execution)?.runId;
  const run = runId === undefined ? undefined : await deps.runs.get(event.workspace, runId);
  const isOwn = run?.incarnation === event.incarnation && run.machine === undefined;
  if (isOwn) await stopExecution(deps, run, arn);
  else await deps.executions.stop(arn, TASK_ERRORS.notARun, NOT_A_RUN);
};

const NOT_A_RUN =
  "This execution has no run: it was started outside Sluice, or its run was deleted. Start a run through Sluice instead.";
