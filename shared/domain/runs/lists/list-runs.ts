import { askedAttributes } from "../../../model/attributes.ts";
import { POSITION_IN_TIME, readCursor, writeCursor } from "../../../model/cursor.ts";
import type { RunFilter } from "../../../model/schemas/run-filter.ts";
import { failurePlace } from "../../../store/runs/index-attributes.ts";
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
 * Lists a page of runs, newest first; those of a failure group by the time at which they failed. The page may be short or empty if a rare
 * match would cost too many reads; its cursor continues the search.
 */
export const listRuns = async (index: RunIndex, query: RunQuery): Promise<RunPage> => {
  const { workspace, filter, limit } = query;
  const [attribute] = askedAttributes(filter);
  const list = ["runs", ...listOf(query)];
  const position = readCursor(list, query.cursor, POSITION_IN_TIME);
  const { records, next } = await walkRuns(index, {
    workspace,
    limit,
    sources: sourcesFor(workspace, filter, attribute),
    runsMove: filter.failure === undefined && attribute === undefined && spansStatuses(filter),
    range: filter.failure === undefined ? timeRange(filter, position) : { before: position },
    mayMatch: (run) => mayMatch(run, query),
    // A run that failed again has another position in its group, and may have a stale entry at the old one.
    matches: (record, at) =>
      matches(record, query) && (filter.failure === undefined || failurePlace(record)?.position === at),
  });
  return next === undefined ? { records } : { records, nextCursor: writeCursor(list, next) };
};

/** Whether a run may move between sources: a list of one status rightly loses it, and a flow's index contains all statuses. */
const spansStatuses = ({ status, flowId }: RunFilter): boolean =>
  status === undefined ? flowId === undefined : status.length > 1;

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
export const afterTime = (time: string): string => `${time}$`;

const timeRange = (filter: RunFilter, position: string | undefined) => {
  const ends = [position, filter.createdBefore].filter((end) => end !== undefined).sort();
  return {
    after: filter.createdAfter === undefined ? undefined : afterTime(filter.createdAfter),
    before: ends[0],
  };
};
