import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { logFields, type RunDependencies } from "../deps.ts";
import { requeue } from "./queued-run.ts";
import { startRun } from "./start-run.ts";
import { dropParks, stopExecution } from "./stop-run.ts";
import { wakeRun } from "./wake-run.ts";

/**
 * Does what the run's intent still wants, then clears it by its id. Every part is idempotent: the sweeper calls this
 * again for whoever died on the way. What no longer fits the run's status is dropped.
 */
export const performIntent = async (deps: RunDependencies, run: RunItem): Promise<void> => {
  const { intent } = run;
  if (intent === undefined) return;
  if (run.deleted === true) return;
  if (isTerminal(run.status)) {
    // Stop, then drop the parks: a gate that parks between the two finds the run over and closes itself.
    // The intent goes last, so a death anywhere before it repeats the whole.
    // One that was ended in its place in the queue has no execution, and gets none.
    if (intent.kinds.includes("stop") && run.queuedAt === undefined) await stopExecution(deps, run);
    await dropParks(deps, run);
  } else {
    // Wake and start touch different executions' states: a run that began has tokens, one that never began has none
    // or those of its first gate; both are safe in any order and twice.
    if (intent.kinds.includes("queue")) await requeue(deps, run);
    if (intent.kinds.includes("wake")) await wakeRun(deps, run);
    if (intent.kinds.includes("start")) await startRun(deps, run);
  }
  await deps.runs.clearIntent(run, intent.id);
};

/** For a request that has already changed the run: a failure here is the sweeper's to make good, not the caller's to see. */
export const performIntentOrLeave = async (deps: RunDependencies, run: RunItem): Promise<void> => {
  try {
    await performIntent(deps, run);
  } catch (error) {
    deps.log.warn("Left to the sweeper", { ...logFields(run), error: error as Error });
  }
};
