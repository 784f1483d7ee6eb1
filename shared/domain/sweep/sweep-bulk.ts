import { iso } from "../../model/time/clock.ts";
import type { BulkItem } from "../../store/bulk/bulk-item.ts";
import { BULK_CHECK_MS, startBulkJob } from "../bulk/start-bulk.ts";
import { type BulkDependencies, logFields } from "../deps.ts";

/** Items of an ended operation that one sweep deletes; the next one continues. */
const PURGED = 1_000;

/**
 * Checks a bulk operation. If its execution is gone, the operation continues in one with the next name; if it ended long ago,
 * it is deleted with its results. The next check is written first, so that a failed start is repeated.
 */
export const sweepBulk = async (
  deps: BulkDependencies,
  { workspace, bulkId }: Pick<BulkItem, "workspace" | "bulkId">,
): Promise<void> => {
  const bulk = await deps.bulks.get(workspace, bulkId);
  const now = deps.clock.now();
  if (bulk === undefined || bulk.due > iso(now)) return;
  if (bulk.status !== "running") {
    await deps.bulks.purge(bulk, PURGED);
    return;
  }
  const running = await deps.bulkJobs.isRunning(bulk);
  const attempt = running ? bulk.attempt : bulk.attempt + 1;
  if (!(await deps.bulks.reschedule(bulk, attempt, iso(now + BULK_CHECK_MS))) || running) return;
  deps.metrics.count("bulkJobsRestarted");
  deps.log.info("Restarted the bulk job", { ...logFields(bulk), attempt });
  await startBulkJob(deps, { ...bulk, attempt });
};
