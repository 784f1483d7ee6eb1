import { BULK_KEPT_MS } from "../../model/bulk.ts";
import { iso } from "../../model/time/clock.ts";
import type { BulkRecord } from "../../store/bulk/bulk-records.ts";
import { about, type BulkTools } from "./bulk-tools.ts";

/**
 * Ends an operation that has nothing in hand: completed, stopped where that was asked for, or failed as a whole. Answers the operation
 * as it is then, which a rival may have moved.
 */
export const endBulk = async (
  tools: BulkTools,
  bulk: BulkRecord,
  error?: string,
): Promise<BulkRecord | undefined> => {
  const now = tools.clock.now();
  const status = error !== undefined ? "failed" : bulk.stop === true ? "stopped" : "completed";
  const more = { now: iso(now), due: iso(now + BULK_KEPT_MS), ...(error === undefined ? {} : { error }) };
  const written = await tools.bulks.end(bulk, status, more);
  if (!written.ok) return written.current;
  const { matched, succeeded, skipped, failed } = written.record;
  tools.log.info("A bulk operation ended", { ...about(bulk), status, matched, succeeded, skipped, failed });
  return written.record;
};
