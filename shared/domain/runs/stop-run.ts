import { executionArn } from "../../model/machines/machine-names.ts";
import type { ParkRecord, RunRecord } from "../../store/records.ts";
import type { Engine } from "../deps.ts";

/** Ends the run's execution in Step Functions; one that is over already counts. */
export const stopExecution = (
  engine: Engine,
  run: RunRecord,
  arn = executionArn(engine.statesArnPrefix, run),
): Promise<void> =>
  run.status === "failed"
    ? engine.executions.stop(arn, run.error?.error ?? "Sluice.Failed", run.error?.cause ?? "")
    : engine.executions.stop(arn, "Sluice.Cancelled", run.cancelReason ?? "The run is deleted");

/** Parks deleted at the same time. */
const AT_ONCE = 10;

/**
 * Forgets the task tokens of a run that is over: they died with its execution. One that says that it never parked has none, and gets
 * none any more. `own`: those for a user's pause, where they have been read.
 */
export const dropParks = async (
  engine: Engine,
  run: RunRecord,
  own?: readonly ParkRecord[],
): Promise<void> => {
  if (run.unparked === true) return;
  let batch: ParkRecord[] = [];
  // Begun together, so that none fails while nobody waits for it: that would end the whole process.
  const forget = async () => {
    await Promise.all(batch.map((park) => engine.parks.delete(run, park)));
    batch = [];
  };
  for await (const park of engine.parks.ofRun(run, own)) {
    batch.push(park);
    if (batch.length === AT_ONCE) await forget();
  }
  await forget();
};
