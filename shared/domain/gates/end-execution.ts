import type { TaskEvent } from "../../model/machines/task-events.ts";
import type { RunDependencies } from "../deps.ts";
import { stopExecution } from "../runs/stop-run.ts";
import { runIdOf } from "./gate-question.ts";

/**
 * Ends an execution whose run is over, or whose run continues in another execution, as a cancel does. Fails if it cannot, and the
 * compiled text calls again.
 */
export const endExecution = async (
  deps: RunDependencies,
  event: Pick<TaskEvent, "workspace" | "execution">,
  arn: string,
): Promise<void> => {
  const { runId } = runIdOf(event.execution);
  const run = await deps.runs.get(event.workspace, runId);
  if (run === undefined) await deps.executions.stop(arn, "Sluice.Cancelled", "The run was deleted");
  else await stopExecution(deps, run, arn);
};
