import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { type EndDependencies, orWarn } from "../deps.ts";
import { requeue } from "./queued-run.ts";
import { startRun } from "./start-run.ts";
import { dropParks, stopExecution, stopLeftExecutions } from "./stop-run.ts";
import { wakeRun } from "./wake-run.ts";

/**
 * Performs the remaining parts of the run's intent, then clears it by its id. Every part is idempotent: the sweeper repeats the
 * call after a crash. Parts that no longer apply to the run's status are skipped.
 */
export const performIntent = async (deps: EndDependencies, run: RunItem): Promise<void> => {
  const { intent } = run;
  if (intent === undefined) return;
  if (run.deleted === true) return;
  let released = run;
  if (isTerminal(run.status)) {
    // Stop first, then delete the parks: a gate that parks between the two finds that the run has ended, and closes. The intent
    // is cleared last, so that after a crash everything is repeated. A run that ended in the queue has no execution and gets
    // none.
    // A native run has one, also while it waits for a slot.
    const hasExecution = run.queuedAt === undefined || run.execution !== undefined;
    if (intent.kinds.includes("stop") && hasExecution) await stopExecution(deps, run);
    await stopLeftExecutions(deps, run);
    await dropParks(deps, run);
    released = await deps.limits.release(deps, run);
  } else {
    // Wake and start affect executions in different states: a run that has begun has tokens; one that has not begun has none,
    // or those of its first gate. Both are safe in any order, and repeatedly.
    if (intent.kinds.includes("queue")) await requeue(deps, run);
    if (intent.kinds.includes("wake")) await wakeRun(deps, run);
    if (intent.kinds.includes("start")) await startRun(deps, run);
    await stopLeftExecutions(deps, run);
  }
  await deps.runs.clearIntent(released, intent.id);
};

/**
 * Performs the intent of a request that has already changed the run. If something fails, the sweeper repeats it, and the caller
 * does not notice.
 */
export const performIntentOrLeave = (deps: EndDependencies, run: RunItem): Promise<void> =>
  orWarn(deps, run, "A change could not be completed; the sweeper will complete it", () =>
    performIntent(deps, run),
  );
