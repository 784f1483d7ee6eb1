import type { RunFilter } from "../../../model/schemas/run-filter.ts";
import type { IndexedRun } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";

/** Which runs a caller asks for, and may see. */
export interface Asked {
  readonly filter: RunFilter;
  /** Only runs that this user started. */
  readonly owner?: string | undefined;
}

/** What an index says of a run and never changes. */
export const mayMatch = (run: IndexedRun, { filter, owner }: Asked): boolean =>
  (run.flowId === undefined || filter.flowId === undefined || run.flowId === filter.flowId) &&
  (run.startedBy === undefined || isStartedBy(run.startedBy, filter, owner)) &&
  (run.timeKey === undefined || isCreatedIn(run.timeKey.slice(0, run.timeKey.indexOf("#")), filter));

/** The run as it is, by every part of the filter. */
export const matches = (record: RunItem, { filter, owner }: Asked): boolean =>
  (filter.status === undefined || filter.status.includes(record.status)) &&
  (filter.flowId === undefined || record.flowId === filter.flowId) &&
  isStartedBy(record.startedBy, filter, owner) &&
  isCreatedIn(record.createdAt, filter) &&
  (filter.pausedBy === undefined || isPausedBy(record, filter.pausedBy)) &&
  (filter.error === undefined || hasError(record, filter.error));

const isStartedBy = (by: RunItem["startedBy"], filter: RunFilter, owner: string | undefined): boolean =>
  (filter.startedBy === undefined || by.id === filter.startedBy) &&
  (owner === undefined || (by.kind === "user" && by.id === owner));

/** Both ends are exclusive; times are texts of one form. */
const isCreatedIn = (createdAt: string, { createdAfter, createdBefore }: RunFilter): boolean =>
  (createdAfter === undefined || createdAt > createdAfter) &&
  (createdBefore === undefined || createdAt < createdBefore);

/** A user by id; `flow` or `user` for either kind of pause. */
const isPausedBy = ({ pausedBy }: RunItem, who: string): boolean =>
  pausedBy !== undefined && (pausedBy.id === who || pausedBy.kind === who);

/** Part of the error's name or cause, in whichever case. */
const hasError = ({ error }: RunItem, part: string): boolean => {
  const text = part.toLowerCase();
  return (
    error !== undefined && [error.error, error.cause].some((field) => field.toLowerCase().includes(text))
  );
};
