import { BULK_KEPT_MS } from "../../model/bulk.ts";
import { iso } from "../../model/time/clock.ts";
import type { BulkItem } from "../../store/bulk/bulk-item.ts";
import { type BulkDependencies, logFields } from "../deps.ts";
import { bulkAlreadyEnded } from "../refusals.ts";
import { bulkStatus, existingBulk } from "./read-bulk.ts";

/**
 * Stops an operation. The request to stop is written first, so that no further slice is claimed. Then the operation ends,
 * unless a slice is in progress: its worker, or the sweeper if the worker has died, finishes the slice and ends the operation.
 * The counters therefore stay exact.
 */
export const stopBulk = async (
  deps: BulkDependencies,
  workspace: string,
  bulkId: string,
): Promise<BulkItem> => {
  const bulk = existingBulk(deps, await deps.bulks.get(workspace, bulkId));
  const asked = await deps.bulks.requestStop(bulk, iso(deps.clock.now()));
  if (!asked.ok) {
    throw bulkAlreadyEnded(bulkStatus(existingBulk(deps, asked.current)));
  }
  return (await endBulk(deps, asked.bulk)) ?? asked.bulk;
};

/**
 * Ends an operation that has no slice in progress: as completed, as stopped if that was requested, or as failed. Returns the
 * operation as it is then stored, perhaps by a concurrent change.
 */
export const endBulk = async (
  deps: BulkDependencies,
  bulk: BulkItem,
  error?: string,
): Promise<BulkItem | undefined> => {
  const now = deps.clock.now();
  const status = error !== undefined ? "failed" : bulk.stop === true ? "stopped" : "completed";
  const more = { now: iso(now), due: iso(now + BULK_KEPT_MS), ...(error === undefined ? {} : { error }) };
  const written = await deps.bulks.end(bulk, status, more);
  if (!written.ok) return written.current;
  const { matched, succeeded, skipped, failed } = written.bulk;
  deps.log.info("A bulk operation ended", {
    ...logFields(bulk),
    status,
    matched,
    succeeded,
    skipped,
    failed,
  });
  return written.bulk;
};
