import type { RunFilter } from "../../model/schemas/run-filter.ts";
import { iso } from "../../model/time/clock.ts";
import type { BulkItem, SelectedRun } from "../../store/bulk/bulk-item.ts";
import type { BulkWriteResult } from "../../store/bulk/bulks.ts";
import type { RunIndex } from "../../store/runs/run-index.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { BulkDependencies } from "../deps.ts";
import { listRuns } from "../runs/lists/list-runs.ts";

/** Runs in one page: about 20 kB of ids. */
const PAGE = 500;

/**
 * Adds the runs that match the operation's filter to its snapshot, page by page, until `until` (epoch milliseconds). Each write
 * contains a page and the position to continue from, so that after a crash the next call continues where this one ended.
 * Returns the operation as it is then stored.
 *
 * `late`: the request ended some time ago, so only runs that have not changed since are taken: they are as they were then.
 */
export const selectByFilter = async (
  deps: BulkDependencies,
  bulk: BulkItem,
  filter: RunFilter,
  { until, late }: { readonly until: number; readonly late: boolean },
): Promise<BulkItem | undefined> => {
  let current: BulkItem | undefined = bulk;
  while (current?.selection !== undefined && current.status === "running" && current.stop === undefined) {
    const { cursor } = current.selection;
    const page = await listRuns(deps.runIndex, { workspace: bulk.workspace, filter, limit: PAGE, cursor });
    const runs = page.records.filter((run) => !late || run.updatedAt <= bulk.createdAt);
    const next = { cursor: page.nextCursor, last: page.nextCursor === undefined };
    current = settled(await deps.bulks.select(current, runs.map(selected), now(deps), next));
    if (deps.clock.now() >= until) break;
  }
  return current;
};

/**
 * Adds all runs that the request names, since their ids are stored nowhere else, with the revisions that the caller saw, or else the current
 * ones. Those that do not exist get no revision.
 */
export const selectByIds = async (
  deps: BulkDependencies,
  bulk: BulkItem,
  {
    runIds,
    revs: seen,
  }: { readonly runIds: readonly string[]; readonly revs?: readonly number[] | undefined },
): Promise<BulkItem | undefined> => {
  let current: BulkItem | undefined = bulk;
  while (current?.selection !== undefined && current.status === "running" && current.stop === undefined) {
    const done = current.selection.pages * PAGE;
    const asked = runIds.slice(done, done + PAGE);
    const found = await deps.runIndex.read(bulk.workspace, asked);
    const revs = new Map(found.map(({ runId, rev }) => [runId, rev]));
    const runs = asked.map((runId, index) => ({
      runId,
      rev: revs.has(runId) ? (seen?.[done + index] ?? revs.get(runId) ?? 0) : 0,
    }));
    const last = done + PAGE >= runIds.length;
    current = settled(await deps.bulks.select(current, runs, now(deps), { last }));
  }
  return current;
};

/** Counts the runs that match, and passes each page of them to `each`. `more` means that there was no time to count them all. */
export const countMatches = async (
  index: RunIndex,
  asked: { readonly workspace: string; readonly filter: RunFilter },
  inTime: () => boolean,
  each: (runs: readonly RunItem[]) => Promise<void>,
): Promise<{ matched: number; more: boolean }> => {
  let matched = 0;
  let cursor: string | undefined;
  do {
    const page = await listRuns(index, { ...asked, limit: PAGE, cursor });
    matched += page.records.length;
    await each(page.records);
    cursor = page.nextCursor;
  } while (cursor !== undefined && inTime());
  return { matched, more: cursor !== undefined };
};

const selected = ({ runId, rev }: SelectedRun): SelectedRun => ({ runId, rev });
const now = (deps: BulkDependencies): string => iso(deps.clock.now());
const settled = (written: BulkWriteResult): BulkItem | undefined =>
  written.ok ? written.bulk : written.current;
