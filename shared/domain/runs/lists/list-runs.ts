import { POSITION_IN_TIME, readCursor, writeCursor } from "../../../model/cursor.ts";
import type { RunFilter } from "../../../model/schemas/run-filter.ts";
import { type RunIndex, sourcesFor } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import { type Asked, matches, mayMatch } from "./match-run.ts";
import { walkRuns } from "./walk-runs.ts";

export interface RunQuery extends Asked {
  readonly workspace: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}
export interface RunPage {
  readonly records: readonly RunItem[];
  readonly nextCursor?: string;
}

/**
 * Lists a page of runs, newest first. The page may be short or empty if a rare match would cost too many reads; its cursor
 * continues the search.
 */
export const listRuns = async (index: RunIndex, query: RunQuery): Promise<RunPage> => {
  const { workspace, filter, limit } = query;
  const list = ["runs", ...listOf(query)];
  const position = readCursor(list, query.cursor, POSITION_IN_TIME);
  const { records, next } = await walkRuns(index, {
    workspace,
    limit,
    sources: sourcesFor(workspace, filter),
    // A list of one status rightly loses a run that leaves the status, and a flow's index contains all statuses.
    runsMove: filter.status === undefined ? filter.flowId === undefined : filter.status.length > 1,
    range: timeRange(filter, position),
    mayMatch: (run) => mayMatch(run, query),
    matches: (record) => matches(record, query),
  });
  return next === undefined ? { records } : { records, nextCursor: writeCursor(list, next) };
};

/** Identifies a list for its cursors. The order of a filter's fields does not matter. */
export const listOf = ({ workspace, owner, filter }: RunQuery): readonly unknown[] => [
  workspace,
  owner ?? null,
  Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value])
    .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
];

/** Positions are `<time>#<run>`. `$` is the character after `#`, so `<time>$` comes after all runs of that time. */
const timeRange = (filter: RunFilter, position: string | undefined) => {
  const ends = [position, filter.createdBefore].filter((end) => end !== undefined).sort();
  return {
    after: filter.createdAfter === undefined ? undefined : `${filter.createdAfter}$`,
    before: ends[0],
  };
};
