import type { BulkJobs } from "../../outbound/bulk-jobs.ts";
import type { BulkRecord } from "../../store/bulk/bulk-records.ts";

/** Starts the execution that the operation's attempt names; one of that name that exists was started for the same. */
export const startBulkJob = async (
  tools: { readonly bulkJobs: BulkJobs },
  { workspace, bulkId, attempt }: Pick<BulkRecord, "workspace" | "bulkId" | "attempt">,
): Promise<void> => {
  await tools.bulkJobs.start({ workspace, bulkId, attempt, batches: 0 });
};
