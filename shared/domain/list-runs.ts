import type { RunFilter } from "../model/api/requests.ts";
import { readCursor, writeCursor } from "../model/cursor.ts";
import type { RunRecord } from "../store/records.ts";
import { type IndexedRun, type RunIndex, sourcesFor } from "../store/run-index.ts";
import { NewestFirst } from "./merge-newest.ts";

export interface RunQuery {
  readonly workspace: string;
  readonly filter: RunFilter;
  /** Only runs that this user started. */
  readonly owner?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
export interface RunPage {
  readonly records: readonly RunRecord[];
  readonly nextCursor?: string;
}

/** DynamoDB reads that many runs in one call. */
const BATCH = 100;

/**
 * A page of runs, newest first. The indexes say where to look, the runs themselves whether they match. The page may come
 * short, or empty, where a rare match would cost too many reads: then its cursor leads on.
 */
export const listRuns = async (index: RunIndex, query: RunQuery): Promise<RunPage> => {
  const { workspace, filter, owner, limit } = query;
  const list = ["runs", workspace, owner ?? null, sortedFilter(filter)];
  const position = readCursor(list, query.cursor);
  const merged = new NewestFirst(index, sourcesFor(workspace, filter), timeRange(filter, position), limit);
  const records: RunRecord[] = [];
  let at = position;
  while (records.length < limit && !merged.exhausted && !merged.spent) {
    const wanted = Math.min(BATCH, limit - records.length);
    const taken = await take(merged, wanted, (run) => mayMatch(run, filter, owner));
    at = taken.at ?? at;
    const found = await index.read(workspace, taken.runIds);
    records.push(...found.filter((record) => matches(record, filter, owner)));
  }
  if (merged.exhausted || at === undefined) return { records };
  return { records, nextCursor: writeCursor(list, at) };
};

/** The next candidates, and the position of the last run looked at. */
const take = async (merged: NewestFirst, wanted: number, isCandidate: (run: IndexedRun) => boolean) => {
  const runIds: string[] = [];
  let at: string | undefined;
  while (runIds.length < wanted) {
    const run = await merged.next();
    if (run === undefined) break;
    at = run.timeKey;
    if (isCandidate(run)) runIds.push(run.runId);
    else if (merged.spent) break;
  }
  return { runIds, at };
};

const sortedFilter = (filter: RunFilter) =>
  Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));

/** Positions are `<time>#<run>`: `$` is the character after `#`, so `<time>$` lies behind all runs of that time. */
const timeRange = (filter: RunFilter, position: string | undefined) => {
  const ends = [position, filter.createdBefore].filter((end) => end !== undefined).sort();
  return {
    after: filter.createdAfter === undefined ? undefined : `${filter.createdAfter}$`,
    before: ends[0],
  };
};

const startedByAsked = (by: RunRecord["startedBy"], filter: RunFilter, owner: string | undefined): boolean =>
  (filter.startedBy === undefined || by.id === filter.startedBy) &&
  (owner === undefined || (by.kind === "user" && by.id === owner));

/** What the index knows and never changes. */
const mayMatch = (run: IndexedRun, filter: RunFilter, owner: string | undefined): boolean =>
  (run.flowId === undefined || filter.flowId === undefined || run.flowId === filter.flowId) &&
  (run.startedBy === undefined || startedByAsked(run.startedBy, filter, owner));

const matches = (record: RunRecord, filter: RunFilter, owner: string | undefined): boolean =>
  (filter.status === undefined || filter.status.includes(record.status)) &&
  (filter.flowId === undefined || record.flowId === filter.flowId) &&
  startedByAsked(record.startedBy, filter, owner) &&
  (filter.pausedBy === undefined || isPausedBy(record, filter.pausedBy)) &&
  (filter.error === undefined || hasError(record, filter.error));

/** A user by id; `flow` or `user` for either kind of pause. */
const isPausedBy = ({ pausedBy }: RunRecord, who: string): boolean =>
  pausedBy !== undefined && (pausedBy.id === who || pausedBy.kind === who);

const hasError = ({ error }: RunRecord, part: string): boolean => {
  const text = part.toLowerCase();
  return (
    error !== undefined && [error.error, error.cause].some((field) => field.toLowerCase().includes(text))
  );
};
