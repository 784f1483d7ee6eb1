import { askedAttributes } from "../../../model/attributes.ts";
import type { RunFilter } from "../../../model/schemas/run-filter.ts";
import { failurePlace } from "../../../store/runs/index-attributes.ts";
import type { IndexedRun } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";

/** The runs that a caller asks for and may see. */
export interface Asked {
  readonly filter: RunFilter;
  /** Only runs that this user started. */
  readonly owner?: string | undefined;
}

/** Checks the parts of an index entry that never change at its position. */
export const mayMatch = (run: IndexedRun, { filter, owner }: Asked): boolean =>
  (run.flowId === undefined || filter.flowId === undefined || run.flowId === filter.flowId) &&
  (run.version === undefined || filter.flowVersion === undefined || run.version === filter.flowVersion) &&
  (run.startedBy === undefined || isStartedBy(run.startedBy, filter, owner)) &&
  (run.timeKey === undefined || isCreatedIn(run.timeKey.slice(0, run.timeKey.indexOf("#")), filter));

/** Checks the run itself against every part of the filter. */
export const matches = (record: RunItem, { filter, owner }: Asked): boolean =>
  (filter.status === undefined || filter.status.includes(record.status)) &&
  (filter.flowId === undefined || record.flowId === filter.flowId) &&
  (filter.flowVersion === undefined || record.version === filter.flowVersion) &&
  (filter.failure === undefined || failurePlace(record)?.id === filter.failure) &&
  askedAttributes(filter).every(([name, value]) => hasAttribute(record, name, value)) &&
  isStartedBy(record.startedBy, filter, owner) &&
  isCreatedIn(record.createdAt, filter) &&
  (filter.pausedBy === undefined || isPausedBy(record, filter.pausedBy)) &&
  (filter.error === undefined || hasError(record, filter.error));

/** Whether the run is one of the owner's; without an owner, every run is visible. */
export const isVisibleTo = ({ startedBy }: RunItem, owner: string | undefined): boolean =>
  isStartedBy(startedBy, {}, owner);

const hasAttribute = ({ attributes = {} }: RunItem, name: string, value: string): boolean =>
  Object.hasOwn(attributes, name) && attributes[name] === value;

const isStartedBy = (by: RunItem["startedBy"], filter: RunFilter, owner: string | undefined): boolean =>
  (filter.startedBy === undefined || by.id === filter.startedBy) &&
  (owner === undefined || (by.kind === "user" && by.id === owner));

/** Both ends are exclusive. Times compare as text. */
const isCreatedIn = (createdAt: string, { createdAfter, createdBefore }: RunFilter): boolean =>
  (createdAfter === undefined || createdAt > createdAfter) &&
  (createdBefore === undefined || createdAt < createdBefore);

/** Matches a user by id, or the kind of pause: `flow`, `user` or `error`. */
const isPausedBy = ({ pausedBy }: RunItem, who: string): boolean =>
  pausedBy !== undefined && (pausedBy.id === who || pausedBy.kind === who);

/** Matches part of the name or cause of the error of a failed run, or of one that an error paused, ignoring case. */
const hasError = ({ error, pausedBy }: RunItem, part: string): boolean => {
  const text = part.toLowerCase();
  return [error, pausedBy]
    .flatMap((one) => [one?.error, one?.cause, one?.message])
    .some((field) => field?.toLowerCase().includes(text) === true);
};
