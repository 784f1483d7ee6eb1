import { askedAttributes } from "../../../model/attributes.ts";
import { POSITION_IN_TIME, readCursor, writeCursor } from "../../../model/cursor.ts";
import { ATTENTION_STATUSES, type RunStatus } from "../../../model/transitions.ts";
import { indexKeys } from "../../../store/keys.ts";
import { attentionPosition, failurePlace } from "../../../store/runs/index-attributes.ts";
import {
  type AttributeValue,
  attentionSources,
  attributeSources,
  failureSources,
  type RunIndex,
  type RunSource,
} from "../../../store/runs/run-index.ts";
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
 * disappears. With an attribute, which few runs share, they are ordered by the time of their dispatch. Pages may be short, like those of `listRuns`.
 */
export const listAttention = async (index: RunIndex, query: AttentionQuery): Promise<RunPage> => {
  const { workspace, filter, waiting, limit, after } = query;
  const all: RunStatus[] = [...ATTENTION_STATUSES, ...(waiting ? (["waiting"] as const) : [])];
  const statuses = all.filter((status) => filter.status === undefined || filter.status.includes(status));
  const [attribute] = askedAttributes(filter);
  const { sources, positionOf } = placesFor(query, statuses, attribute);
  const list = ["attention", waiting, ...listOf(query)];
  const { records, next } = await walkRuns(index, {
    workspace,
    limit,
    sources,
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

interface Places {
  readonly sources: readonly RunSource[];
  /** Returns the position of a run in the sources, as it is now. */
  readonly positionOf: (run: RunItem) => string | undefined;
}

const placesFor = (
  { workspace, filter: { failure }, after }: AttentionQuery,
  statuses: readonly RunStatus[],
  attribute: AttributeValue | undefined,
): Places => {
  if (failure !== undefined)
    return {
      sources: failureSources(workspace, failure),
      positionOf: (run) => failurePlace(run)?.position,
    };
  // Few runs took their status lately, so those are found by it.
  if (attribute !== undefined && after === undefined)
    return {
      sources: attributeSources(workspace, attribute),
      positionOf: ({ createdAt, runId }) => indexKeys.time(createdAt, runId),
    };
  return { sources: attentionSources(workspace, statuses), positionOf: attentionPosition };
};
