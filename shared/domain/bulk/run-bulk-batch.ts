import { type BulkState, lastBatch, nextBatch } from "../../model/machines/loop-machine.ts";
import type { BulkResult } from "../../model/schemas/bulk.ts";
import { iso } from "../../model/time/clock.ts";
import type { BulkChunk, BulkItem, BulkSlice, SelectedRun } from "../../store/bulk/bulk-item.ts";
import type { Outcomes } from "../../store/bulk/bulks.ts";
import type { BulkJobDependencies } from "../deps.ts";
import { actOnRun } from "./act-on-run.ts";
import { endBulk } from "./end-bulk.ts";
import { selectByFilter } from "./select-runs.ts";
import { BULK_CHECK_MS, startBulkJob } from "./start-bulk.ts";

/** Runs that are processed in parallel. A stop takes effect after them. */
const SLICE = 25;
/** A batch ends after this time, well below the function's timeout. */
const BUDGET_MS = 20_000;

/**
 * Runs one batch of a bulk operation, with at most as many runs as its rate allows per second: selects the runs that the
 * request did not select, then works through the snapshot. Returns whether and when the next batch starts.
 */
export const runBulkBatch = async (deps: BulkJobDependencies, state: BulkState): Promise<BulkState> => {
  const begun = deps.clock.now();
  const batch: Batch = { deps, state, until: begun + BUDGET_MS, left: Number.POSITIVE_INFINITY };
  let bulk = await deps.bulks.get(state.workspace, state.bulkId);
  while (isOwn(state, bulk) && batch.left > 0 && deps.clock.now() < batch.until) {
    batch.left = Math.min(batch.left, bulk.rate);
    bulk = await step(batch, bulk);
  }
  if (!isOwn(state, bulk)) return lastBatch(state);
  return nextBatch(state, begun + (batch.left === 0 ? 1_000 : 0)) ?? nextAttempt(batch, bulk);
};

interface Batch {
  readonly deps: BulkJobDependencies;
  readonly state: BulkState;
  /** Epoch milliseconds. */
  readonly until: number;
  /** Runs that this second's rate still allows. */
  left: number;
  /** The most recently read chunk of the snapshot. */
  chunk?: BulkChunk;
}

/** Whether the operation is running in this execution. */
const isOwn = (state: BulkState, bulk: BulkItem | undefined): bulk is BulkItem =>
  bulk !== undefined && bulk.status === "running" && bulk.attempt === state.attempt;

/** Performs the next step of the operation, and returns the operation as it is then stored. */
const step = async (batch: Batch, bulk: BulkItem): Promise<BulkItem | undefined> => {
  const { deps, until } = batch;
  const { slice, selection, filter } = bulk;
  if (slice !== undefined) return again(batch, bulk, slice);
  if (bulk.stop === true) return endBulk(deps, bulk);
  if (selection !== undefined) {
    if (filter === undefined) return endBulk(deps, bulk, "The request ended before its runs were stored");
    return selectByFilter(deps, bulk, filter, { until, late: true });
  }
  if (bulk.position >= bulk.matched) return endBulk(deps, bulk);
  return first(batch, bulk);
};

/** Claims the next runs, in a write before the first of them changes. */
const first = async (batch: Batch, bulk: BulkItem): Promise<BulkItem | undefined> => {
  const { deps } = batch;
  const runs = await snapshot(batch, bulk, Math.min(SLICE, batch.left));
  const gone = bulk.action === "delete" ? await missing(deps, bulk, runs) : [];
  const taken = await deps.bulks.claimSlice(bulk, { count: runs.length, tries: 0, gone });
  return taken.ok ? work(batch, taken.bulk, runs) : taken.current;
};

/** Repeats a slice whose worker died. Changes that it had already made are recognized as the operation's own. */
const again = async (batch: Batch, bulk: BulkItem, slice: BulkSlice): Promise<BulkItem | undefined> => {
  const runs = await snapshot(batch, bulk, slice.count);
  const taken = await batch.deps.bulks.reclaimSlice(bulk, slice);
  return taken.ok ? work(batch, taken.bulk, runs) : taken.current;
};

/**
 * Acts on the runs of the slice, then writes their results. If this process dies before that write, the slice remains, and the
 * next worker repeats only what has not been done. The failure of one run does not hold up the others; it fails the batch,
 * which is repeated.
 */
const work = async (
  batch: Batch,
  bulk: BulkItem,
  runs: readonly SelectedRun[],
): Promise<BulkItem | undefined> => {
  const { deps } = batch;
  const { slice } = bulk;
  if (slice === undefined) throw new Error("The operation has no slice");
  const settled = await Promise.allSettled(
    runs.map((run, index) => {
      const selected = slice.gone.includes(index) ? { ...run, rev: 0 } : run;
      return actOnRun(deps, { ...bulk, slice }, selected);
    }),
  );
  const results = settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
  batch.left = Math.max(batch.left - runs.length, 0);
  const now = iso(deps.clock.now());
  const committed = await deps.bulks.commitSlice({ ...bulk, slice }, results, counted(bulk, results), now);
  return committed ?? deps.bulks.get(bulk.workspace, bulk.bulkId);
};

const counted = (bulk: BulkItem, results: readonly BulkResult[]): Outcomes => {
  const count = (outcome: BulkResult["outcome"]) =>
    bulk[outcome] + results.filter((result) => result.outcome === outcome).length;
  return { succeeded: count("succeeded"), skipped: count("skipped"), failed: count("failed") };
};

/** Returns up to `count` runs, starting at the operation's position. */
const snapshot = async (batch: Batch, bulk: BulkItem, count: number): Promise<readonly SelectedRun[]> => {
  const { position } = bulk;
  const read = batch.chunk;
  const isIn = read !== undefined && position >= read.start && position < read.start + read.runs.length;
  const chunk = isIn ? read : await batch.deps.bulks.chunk(bulk, position);
  if (chunk !== undefined) batch.chunk = chunk;
  const runs = chunk?.runs.slice(position - chunk.start, position - chunk.start + count) ?? [];
  if (runs.length === 0) throw new Error(`The snapshot has no run at ${position}`);
  return runs;
};

/** Returns the positions in the slice of runs that somebody else has already deleted. */
const missing = async (
  deps: BulkJobDependencies,
  { workspace }: BulkItem,
  runs: readonly SelectedRun[],
): Promise<number[]> => {
  const asked = runs.map(({ runId }) => runId);
  const existing = new Set((await deps.runIndex.read(workspace, asked)).map(({ runId }) => runId));
  return asked.flatMap((runId, index) => (existing.has(runId) ? [] : [index]));
};

/** Continues in the execution of the next attempt. If that cannot be started, the sweeper starts it. */
const nextAttempt = async ({ deps, state }: Batch, bulk: BulkItem): Promise<BulkState> => {
  const attempt = state.attempt + 1;
  if (await deps.bulks.reschedule(bulk, attempt, iso(deps.clock.now() + BULK_CHECK_MS))) {
    await startBulkJob(deps, { ...bulk, attempt });
  }
  return lastBatch(state);
};
