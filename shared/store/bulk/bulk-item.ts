import type { Actor } from "../../model/actor.ts";
import type { BulkAction, BulkOptions, BulkStatus } from "../../model/bulk.ts";
import type { RunFilter } from "../../model/schemas/run-filter.ts";

/** A bulk operation: its request and its progress. */
export interface BulkItem {
  readonly workspace: string;
  readonly bulkId: string;
  /** Identifies the request, so that a retried write recognizes its own. */
  readonly nonce: string;
  /** Hash of the request's body, for its Idempotency-Key. */
  readonly bodyHash: string;
  readonly action: BulkAction;
  readonly filter?: RunFilter;
  /** The number of runs that the request named. */
  readonly runIds?: number;
  readonly reason?: string;
  readonly options?: BulkOptions;
  /** Runs per second. */
  readonly rate: number;
  readonly createdBy: Actor;
  /** The caller's permissions, for the runs that replays start. */
  readonly permissions: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedAt?: string;
  readonly status: BulkStatus;
  /** A stop was requested. The current slice is finished first. */
  readonly stop?: true;
  readonly error?: string;
  /** Number of selected runs. */
  readonly matched: number;
  readonly succeeded: number;
  readonly skipped: number;
  readonly failed: number;
  /** Number of selected runs that have been processed: the sum of the three counters. */
  readonly position: number;
  /**
   * Progress of the selection; absent once all runs are selected. `cursor` is the start of the next page of the list of runs.
   */
  readonly selection?: { readonly pages: number; readonly cursor?: string };
  /** The runs from `position` on that a worker has claimed. */
  readonly slice?: BulkSlice;
  /** Part of its execution's name. */
  readonly attempt: number;
  /** When the sweeper checks it. ISO 8601. */
  readonly due: string;
}

/**
 * Runs that a worker has claimed. The slice is written before the first of them changes, and removed together with the write of
 * their results.
 */
export interface BulkSlice {
  readonly count: number;
  /** The number of times that it was reclaimed. Above 0, a worker that died may have processed some of its runs. */
  readonly tries: number;
  /** Those of its runs that did not exist when it was claimed, as offsets from `position`. */
  readonly gone: readonly number[];
}

/** A selected run, with its revision at that time. */
export interface SelectedRun {
  readonly runId: string;
  /** 0 if there was no such run. */
  readonly rev: number;
}

/** Selected runs that share one item. */
export interface BulkChunk {
  /** Position of the first among all selected runs. */
  readonly start: number;
  readonly runs: readonly SelectedRun[];
}
