import { nativeRunId } from "../../model/ids.ts";
import { executionArn } from "../../model/machines/machine-names.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import { logFields, type RunDependencies } from "../deps.ts";

/**
 * Stops the run's execution in Step Functions. One that has already ended counts as stopped. A native execution is known only from a gate's
 * event, so it is stopped only if DescribeExecution confirms its name and start time.
 */
export const stopExecution = async (
  deps: RunDependencies,
  run: RunItem,
  arn = executionArn(deps.machinePlace, run),
): Promise<void> => {
  if (run.execution !== undefined && !(await isConfirmed(deps, run, arn))) return;
  await (run.status === "failed"
    ? deps.executions.stop(arn, run.error?.error ?? "Sluice.Failed", run.error?.cause ?? "")
    : deps.executions.stop(arn, "Sluice.Cancelled", run.cancelReason ?? "The run was deleted"));
};

const isConfirmed = async (deps: RunDependencies, run: RunItem, arn: string): Promise<boolean> => {
  const startedAt = (await deps.executions.describe(arn))?.startedAt;
  if (startedAt !== undefined && nativeRunId(arn, startedAt) === run.runId) return true;
  deps.log.warn("Did not stop the execution, because Step Functions does not know it", logFields(run));
  return false;
};

/** Parks deleted at the same time. */
const CONCURRENCY = 10;

/**
 * Deletes the parks of a run that has ended: their tokens ended with its execution. A run that never parked has none and gets
 * none. `own`: the parks under a user's pause, if they have been read.
 */
export const dropParks = async (
  deps: RunDependencies,
  run: RunItem,
  own?: readonly ParkItem[],
): Promise<void> => {
  if (run.neverParked === true) return;
  const parks = deps.parks.ofRun(run, own);
  await forEachConcurrent(parks, { concurrency: CONCURRENCY }, (park) => deps.parks.delete(run, park));
};
