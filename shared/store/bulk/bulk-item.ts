import type { Actor } from "../../model/actor.ts";
import type { BulkAction, BulkStatus } from "../../model/bulk.ts";
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
  /** Runs a second. */
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
  /** Runs selected. */
  readonly matched: number;
  readonly succeeded: number;
  readonly skipped: number;
  readonly failed: number;
  /** The number of selected runs that are done: the sum of the three counters. */
  readonly position: number;
  /** Progress of the selection; absent once all runs are selected. `cursor`: where the next page of the list of runs begins. */
  readonly selection?: { readonly pages: number; readonly cursor?: string };
  /** The runs from `position` on that a worker has claimed. */
  readonly slice?: BulkSlice;
  /** Part of its execution's name. */
  readonly attempt: number;
  /** When the sweeper checks it. ISO 8601. */
  readonly due: string;
}

/** Runs that a worker has claimed. It is written before the first of them changes, and removed together with the write of their results. */
export interface BulkSlice {
  readonly count: number;
  /** The number of times it was reclaimed. Above 0, a worker that died may have done some of its runs. */
  readonly tries: number;
  /** Those of its runs that did not exist when it was claimed, as offsets from `position`. */
  readonly gone: readonly number[];
}

/** A selected run, at its revision then. */
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
