import type { BulkJobs } from "../../outbound/ports.ts";
import type { BulkItem } from "../../store/bulk/bulk-item.ts";

/** The sweeper checks an operation that has shown no progress for this long: longer than any request lives. */
export const BULK_CHECK_MS = 60_000;

/**
 * Starts the execution named after the operation's attempt. If one of that name exists, it was started for the same attempt.
 */
export const startBulkJob = async (
  deps: { readonly bulkJobs: BulkJobs },
  { workspace, bulkId, attempt }: Pick<BulkItem, "workspace" | "bulkId" | "attempt">,
): Promise<void> => {
  await deps.bulkJobs.start({ workspace, bulkId, attempt, batches: 0 });
};
