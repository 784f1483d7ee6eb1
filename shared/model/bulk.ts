import { RUN_ACTIONS } from "./transitions.ts";

export const BULK_ACTIONS = [...RUN_ACTIONS, "delete", "replay"] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];

/** The options of an action, as in the requests for a single run. `at` and `giveUp`: of a resume; `from`: of a replay. */
export interface BulkOptions {
  readonly at?: string | undefined;
  readonly version?: "same" | "latest" | number | undefined;
  readonly giveUp?: boolean | undefined;
  readonly from?: string | undefined;
}

export const BULK_STATUSES = ["running", "completed", "stopped", "failed"] as const;
export type BulkStatus = (typeof BULK_STATUSES)[number];

/** The time for which a bulk operation can be read after its end. */
export const BULK_KEPT_MS = 30 * 86_400_000;
