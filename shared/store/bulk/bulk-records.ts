import type { Actor } from "../../model/actor.ts";
import type { BulkAction, BulkStatus } from "../../model/bulk.ts";
import type { RunFilter } from "../../model/schemas/run-filter.ts";

/** A bulk operation: what was asked, how far it has come. */
export interface BulkItem {
  readonly workspace: string;
  readonly bulkId: string;
  /** Of the request that made it, so that a retried write knows its own. */
  readonly nonce: string;
  /** Of the request's body, for its Idempotency-Key. */
  readonly bodyHash: string;
  readonly action: BulkAction;
  readonly filter?: RunFilter;
  /** How many runs the request named. */
  readonly runIds?: number;
  readonly reason?: string;
  /** Runs a second. */
  readonly rate: number;
  readonly createdBy: Actor;
  /** The caller's own, for the runs that replays start. */
  readonly permissions: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly endedAt?: string;
  readonly status: BulkStatus;
  /** Somebody has asked for the end; the runs in hand are finished first. */
  readonly stop?: true;
  readonly error?: string;
  /** Runs in the snapshot. */
  readonly matched: number;
  readonly succeeded: number;
  readonly skipped: number;
  readonly failed: number;
  /** Runs of the snapshot that are done: the sum of the three. */
  readonly position: number;
  /** Absent once every run is in the snapshot. `cursor`: of the list of runs, where the next page begins. */
  readonly selection?: { readonly pages: number; readonly cursor?: string };
  /** The runs from `position` on that are in hand. */
  readonly slice?: BulkSlice;
  /** Of its execution's name. */
  readonly attempt: number;
  /** When the sweeper looks at it. ISO 8601. */
  readonly due: string;
}

/** Written before the first of its runs is touched, taken away together with the results. */
export interface BulkSlice {
  readonly count: number;
  /** How often it was begun again: above 0 some of its runs may have been done by whoever died. */
  readonly tries: number;
  /** Of its runs those that were gone before it was begun, counted from `position`. */
  readonly gone: readonly number[];
}

/** A run as it was selected. */
export interface SelectedRun {
  readonly runId: string;
  /** 0: there was no such run. */
  readonly rev: number;
}

/** Runs of the snapshot that stand in one item. */
export interface BulkChunk {
  /** Place of the first in the snapshot. */
  readonly start: number;
  readonly runs: readonly SelectedRun[];
}
