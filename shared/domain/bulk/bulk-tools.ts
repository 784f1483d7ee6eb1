import type { SluiceError } from "../../model/errors.ts";
import type { IdSource } from "../../model/ids.ts";
import type { Clock } from "../../model/time/clock.ts";
import type { BulkJobs } from "../../outbound/bulk-jobs.ts";
import type { BulkItem } from "../../store/bulk/bulk-records.ts";
import type { BulkStore } from "../../store/bulk/bulks.ts";
import type { RunIndex } from "../../store/runs/run-index.ts";
import type { Log, LogFields, Metrics } from "../deps.ts";
import type { ReplayTools } from "../dispatch/replay-run.ts";
import type { ResumeRunTools } from "../runs/resume-run.ts";

/** What starts, shows and looks after bulk operations. */
export interface BulkTools {
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly bulks: BulkStore;
  readonly bulkJobs: BulkJobs;
}

/** What selects runs for them. */
export interface SelectionTools extends BulkTools {
  readonly runIndex: RunIndex;
}

/** What works through them. `refusalOf`: any failure as an API client may see it. */
export interface BulkWorkTools extends SelectionTools, ReplayTools, ResumeRunTools {
  readonly refusalOf: (error: unknown) => SluiceError;
}

/** How long one may show nothing before the sweeper looks after it: longer than any request lives. */
export const BULK_LOOK_MS = 60_000;

/** What every line about one says. */
export const about = ({ workspace, bulkId, action }: BulkItem): LogFields => ({
  workspace,
  bulk: bulkId,
  action,
});
