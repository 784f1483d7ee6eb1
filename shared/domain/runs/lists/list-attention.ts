import { POSITION_IN_TIME, readCursor, writeCursor } from "../../../model/cursor.ts";
import { ATTENTION_STATUSES, type RunStatus } from "../../../model/transitions.ts";
import { attentionPosition, failurePlace } from "../../../store/runs/index-attributes.ts";
import { attentionSources, failureSources, type RunIndex } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import { afterTime, listOf, type RunPage, type RunQuery } from "./list-runs.ts";
import { matches, mayMatch } from "./match-run.ts";
import { walkRuns } from "./walk-runs.ts";

export interface AttentionQuery extends RunQuery {
  /** Includes runs that wait for a timer, a person or a callback. */
  readonly waiting: boolean;
  /** Only runs that took their status after this time. ISO 8601. */
  readonly after?: string | undefined;
}

/**
 * Lists a page of paused and failed runs, ordered by the time at which they became so, newest first. A run's position is that of its
 * current status, or of its failure in the list of a failure group, so a run that changes is not listed twice: it appears at the top, or
 * disappears. Pages may be short, like those of `listRuns`.
 */
export const listAttention = async (index: RunIndex, query: AttentionQuery): Promise<RunPage> => {
  const { workspace, filter, waiting, limit, after } = query;
  const all: RunStatus[] = [...ATTENTION_STATUSES, ...(waiting ? (["waiting"] as const) : [])];
  const statuses = all.filter((status) => filter.status === undefined || filter.status.includes(status));
  const positionOf =
    filter.failure === undefined ? attentionPosition : (run: RunItem) => failurePlace(run)?.position;
  const list = ["attention", waiting, ...listOf(query)];
  const { records, next } = await walkRuns(index, {
    workspace,
    limit,
    sources:
      filter.failure === undefined
        ? attentionSources(workspace, statuses)
        : failureSources(workspace, filter.failure),
    runsMove: false, // a change of the status changes the position too
    range: {
      after: after === undefined ? undefined : afterTime(after),
      before: readCursor(list, query.cursor, POSITION_IN_TIME),
    },
    // A run that is given up keeps its position in its failure group.
    mayMatch: (run) =>
      (filter.failure !== undefined || run.status === undefined || statuses.includes(run.status)) &&
      mayMatch(run, query),
    // A stale index entry has the position from before the run's last change.
    matches: (record, position) =>
      statuses.includes(record.status) && positionOf(record) === position && matches(record, query),
  });
  return next === undefined ? { records } : { records, nextCursor: writeCursor(list, next) };
};
