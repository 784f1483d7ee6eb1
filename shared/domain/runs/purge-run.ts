import { iso } from "../../model/time/clock.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { type EndDependencies, logFields } from "../deps.ts";
import { stopExecution, stopLeftExecutions } from "./stop-run.ts";

/**
 * Deletes all items of a deleted run except its tombstone. The execution is stopped first, so that a missing payload proves
 * that it has been stopped. Idempotent. `ended`: the execution is known to have ended.
 */
export const purgeRun = async (
  deps: EndDependencies,
  tombstone: RunItem,
  { ended }: { readonly ended: boolean },
): Promise<void> => {
  const related = await deps.runs.relatedKeys(tombstone);
  if (related.payload && !ended) await stopExecution(deps, tombstone);
  if (related.payload) await stopLeftExecutions(deps, tombstone);
  await deps.limits.release(deps, tombstone);
  await deps.runs.purge(related.keys);
};

/**
 * Completes the deletion of a run when nobody can write about it any longer: late items are deleted, then the tombstone, unless
 * it is kept for its idempotency key. If the process dies before the last call, the next sweep finds the tombstone again.
 */
export const settleTombstone = async (deps: EndDependencies, tombstone: RunItem): Promise<void> => {
  const { intent, keptUntil } = tombstone;
  if (intent === undefined) return;
  await purgeRun(deps, tombstone, { ended: false });
  if (keptUntil !== undefined && keptUntil > iso(deps.clock.now())) {
    await deps.runs.retryIntent(tombstone, { ...intent, due: keptUntil });
  } else {
    await deps.runs.removeTombstone(tombstone);
    deps.metrics.count("tombstonesRemoved");
    deps.log.info("The run is completely deleted", logFields(tombstone));
  }
};
