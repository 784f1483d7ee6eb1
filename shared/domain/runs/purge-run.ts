import { iso } from "../../model/time/clock.ts";
import type { RunRecord } from "../../store/records.ts";
import { about, type Engine } from "../deps.ts";
import { stopExecution } from "./stop-run.ts";

/**
 * Deletes all that stands for a buried run beside its tombstone. Its execution is stopped before the first item goes, so that
 * whoever finds the payload gone knows that the stop is done. Idempotent. `ended`: its execution is known to be over.
 */
export const purgeRun = async (
  engine: Engine,
  tombstone: RunRecord,
  { ended }: { readonly ended: boolean },
): Promise<void> => {
  const beside = await engine.runs.beside(tombstone);
  if (beside.payload && !ended) await stopExecution(engine, tombstone);
  await engine.runs.purge(beside.keys);
};

/**
 * The end of a tombstone whose late writers are gone: what they have left goes, and then it does, or it stays as long as its
 * idempotency key. A death before the last call leaves the tombstone for the next sweep.
 */
export const settleTombstone = async (engine: Engine, tombstone: RunRecord): Promise<void> => {
  const { intent, keptUntil } = tombstone;
  if (intent === undefined) return;
  await purgeRun(engine, tombstone, { ended: false });
  if (keptUntil !== undefined && keptUntil > iso(engine.clock.now())) {
    await engine.runs.retryIntent(tombstone, { ...intent, due: keptUntil });
  } else {
    await engine.runs.remove(tombstone);
    engine.metrics.count("tombstonesRemoved");
    engine.log.info("Nothing is left of the run", about(tombstone));
  }
};
