import { BULK_KEPT_MS } from "../../model/bulk.ts";
import { iso } from "../../model/time/clock.ts";
import type { BulkItem } from "../../store/bulk/bulk-records.ts";
import { about, type BulkTools } from "./bulk-tools.ts";

/**
 * Ends an operation that has nothing in hand: completed, stopped where that was asked for, or failed as a whole. Answers the operation
 * as it is then, which a rival may have moved.
 */
export const endBulk = async (
  deps: BulkTools,
  bulk: BulkItem,
  error?: string,
): Promise<BulkItem | undefined> => {
  const now = deps.clock.now();
  const status = error !== undefined ? "failed" : bulk.stop === true ? "stopped" : "completed";
  const more = { now: iso(now), due: iso(now + BULK_KEPT_MS), ...(error === undefined ? {} : { error }) };
  const written = await deps.bulks.end(bulk, status, more);
  if (!written.ok) return written.current;
  const { matched, succeeded, skipped, failed } = written.bulk;
  deps.log.info("A bulk operation ended", { ...about(bulk), status, matched, succeeded, skipped, failed });
  return written.bulk;
};
