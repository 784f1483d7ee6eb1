import { iso } from "../../model/time/clock.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { logFields, type RunDependencies } from "../deps.ts";
import { stopExecution } from "./stop-run.ts";

/**
 * Deletes all that stands for a buried run beside its tombstone. Its execution is stopped before the first item goes, so that
 * whoever finds the payload gone knows that the stop is done. Idempotent. `ended`: its execution is known to be over.
 */
export const purgeRun = async (
  deps: RunDependencies,
  tombstone: RunItem,
  { ended }: { readonly ended: boolean },
): Promise<void> => {
  const beside = await deps.runs.relatedKeys(tombstone);
  if (beside.payload && !ended) await stopExecution(deps, tombstone);
  await deps.runs.purge(beside.keys);
};

/**
 * The end of a tombstone whose late writers are gone: what they have left goes, and then it does, or it stays as long as its
 * idempotency key. A death before the last call leaves the tombstone for the next sweep.
 */
export const settleTombstone = async (deps: RunDependencies, tombstone: RunItem): Promise<void> => {
  const { intent, keptUntil } = tombstone;
  if (intent === undefined) return;
  await purgeRun(deps, tombstone, { ended: false });
  if (keptUntil !== undefined && keptUntil > iso(deps.clock.now())) {
    await deps.runs.retryIntent(tombstone, { ...intent, due: keptUntil });
  } else {
    await deps.runs.removeTombstone(tombstone);
    deps.metrics.count("tombstonesRemoved");
    deps.log.info("Nothing is left of the run", logFields(tombstone));
  }
};
