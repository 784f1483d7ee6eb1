import { nativeRunId } from "../../model/ids.ts";
import { executionArn, executionName, isInNative } from "../../model/machines/machine-names.ts";
import { isTerminal } from "../../model/transitions.ts";
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
  const [error, cause] = reasonOf(run);
  await stopIfOwn(deps, run, arn, { error, cause });
};

const stopIfOwn = async (
  deps: RunDependencies,
  run: RunItem,
  arn: string,
  { error, cause }: { readonly error: string; readonly cause: string },
): Promise<void> => {
  if (isInNative(run) && !(await isConfirmed(deps, run, arn))) return;
  await deps.executions.stop(arn, error, cause);
};

const reasonOf = (run: RunItem): [error: string, cause: string] => {
  if (run.status === "failed") return [run.error?.error ?? "Sluice.Failed", run.error?.cause ?? ""];
  if (run.deleted !== true && !isTerminal(run.status))
    return ["Sluice.Cancelled", `The run continues in the execution ${executionName(run)}`];
  return ["Sluice.Cancelled", run.cancelReason ?? "The run was deleted"];
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
 * none. `own`: the parks under a user's pause, if they have been read. `upTo`: only those of executions up to this attempt, for a run
 * that continues in a later one.
 */
export const dropParks = async (
  deps: RunDependencies,
  run: RunItem,
  {
    own,
    upTo = Number.POSITIVE_INFINITY,
  }: { readonly own?: readonly ParkItem[]; readonly upTo?: number } = {},
): Promise<void> => {
  if (run.neverParked === true) return;
  const parks = deps.parks.ofRun(run, own);
  await forEachConcurrent(parks, { concurrency: CONCURRENCY }, async (park) => {
    if ((park.attempt ?? 1) <= upTo) await deps.parks.delete(run, park);
  });
};

/**
 * Stops the executions that the run has left for another one, then deletes their parks. The note of what is to be stopped is
 * cleared last, so that after a death everything is repeated.
 */
export const stopLeftExecutions = async (deps: RunDependencies, run: RunItem): Promise<void> => {
  const { toStop } = run;
  if (toStop === undefined) return;
  for (const attempt of toStop.attempts) {
    const left = { ...run, attempt };
    await stopIfOwn(deps, left, executionArn(deps.machinePlace, left), WENT_ON);
  }
  await dropParks(deps, run, { upTo: Math.max(...toStop.attempts) });
  if (run.deleted !== true) await deps.runs.settleStops(run, toStop);
};

const WENT_ON = { error: "Sluice.WentOn", cause: "The run continues in another execution" };
