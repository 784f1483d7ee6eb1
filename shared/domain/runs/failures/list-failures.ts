import type { FailureGroup } from "../../../model/schemas/failure.ts";
import type { AskedFailures, IndexedFailure } from "../../../store/runs/failure-index.ts";
import { failurePlace } from "../../../store/runs/index-attributes.ts";
import type { RunIndex } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import type { RunStore } from "../../../store/runs/runs.ts";
import { forEachConcurrent } from "../../concurrency.ts";
import { tooManyFailures } from "../../refusals.ts";
import { type Failure, hasWholeMessage, isCut, wholeCause } from "../../steps/failure.ts";
import { causePattern } from "./cause-pattern.ts";

export interface FailuresQuery extends AskedFailures {
  readonly workspace: string;
  /** Only runs that this user started. */
  readonly owner?: string | undefined;
  readonly limit: number;
}

interface Dependencies {
  readonly runIndex: RunIndex;
  readonly runs: Pick<RunStore, "output">;
}

/** The data of a group that the index contains. */
interface Counted {
  readonly failureId: string;
  count: number;
  paused: number;
  firstAt: string;
  lastAt: string;
  readonly versions: Set<number>;
  /** The runs that failed last, the newest first. */
  readonly newest: IndexedFailure[];
}

/** Maximum number of failures that one call counts: 60 MB of the index, which takes seconds. */
const MAX_COUNTED = 250_000;
/** The newest runs of a group that are remembered, in case some of them are deleted while the group is read. */
const EXAMPLES = 3;
const READS = 10;

/**
 * Lists the largest groups of failures. No counter is kept: a run's failure is in the index while the run is failed or paused by the error,
 * because the write that changes the run changes its index entry too. Counting the entries is therefore right whatever died in between, and
 * costs a run that does not fail nothing.
 */
export const listFailures = async (
  deps: Dependencies,
  query: FailuresQuery,
  max = MAX_COUNTED,
): Promise<FailureGroup[]> => {
  const groups = await count(deps.runIndex, query, max);
  const largest = [...groups.values()].sort(byCount);
  const shown: FailureGroup[] = [];
  // A group whose examples are all gone has been mended since, so the next one takes its place.
  for (let at = 0; at < largest.length && shown.length < query.limit; ) {
    const next = largest.slice(at, at + query.limit - shown.length);
    shown.push(...(await described(deps, query.workspace, next)));
    at += next.length;
  }
  return shown;
};

const count = async (
  index: RunIndex,
  { workspace, owner, flowId, since }: FailuresQuery,
  max: number,
): Promise<ReadonlyMap<string, Counted>> => {
  const groups = new Map<string, Counted>();
  let read = 0;
  const add = async (source: AsyncGenerator<IndexedFailure>): Promise<void> => {
    for await (const entry of source) {
      read += 1;
      if (read > max) throw tooManyFailures(max);
      if (owner !== undefined && !(entry.startedBy.kind === "user" && entry.startedBy.id === owner)) continue;
      const group = groups.get(entry.failureId) ?? empty(entry);
      groups.set(entry.failureId, group);
      include(group, entry);
    }
  };
  await Promise.all(index.failures(workspace, { flowId, since }).map(add));
  return groups;
};

const empty = ({ failureId, at }: IndexedFailure): Counted => ({
  ...{ failureId, count: 0, paused: 0, firstAt: at, lastAt: at },
  ...{ versions: new Set(), newest: [] },
});

const include = (group: Counted, entry: IndexedFailure): void => {
  group.count += 1;
  if (entry.status === "paused") group.paused += 1;
  if (entry.at < group.firstAt) group.firstAt = entry.at;
  if (entry.at > group.lastAt) group.lastAt = entry.at;
  group.versions.add(entry.version);
  const { newest } = group;
  const place = newest.findIndex(({ at }) => at <= entry.at);
  newest.splice(place < 0 ? newest.length : place, 0, entry);
  newest.length = Math.min(newest.length, EXAMPLES);
};

/** The largest first; of the same size, the one that failed last. */
const byCount = (a: Counted, b: Counted): number =>
  b.count - a.count || compare(b.lastAt, a.lastAt) || compare(a.failureId, b.failureId);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Adds what only a run of the group can tell. */
const described = async (
  deps: Dependencies,
  workspace: string,
  groups: readonly Counted[],
): Promise<FailureGroup[]> => {
  const examples = await readExamples(deps.runIndex, workspace, groups);
  const patterns = new Map<string, string>();
  await forEachConcurrent(examples, { concurrency: READS }, async ([failureId, run]) => {
    patterns.set(failureId, causePattern(await causeOf(deps, run)));
  });
  return groups.flatMap((group) => {
    const run = examples.get(group.failureId);
    if (run === undefined) return [];
    const { failureId, count, paused, firstAt, lastAt, versions } = group;
    const { error, state } = errorOf(run);
    return {
      ...{ failureId, flowId: run.flowId, state, error, cause: patterns.get(failureId) ?? "" },
      ...{ count, paused, versions: [...versions].sort((a, b) => a - b), firstAt, lastAt },
      exampleRunId: run.runId,
    };
  });
};

/** Reads the newest run of each group, or the next one if that has left the group since. */
const readExamples = async (
  index: RunIndex,
  workspace: string,
  groups: readonly Counted[],
): Promise<ReadonlyMap<string, RunItem>> => {
  const found = new Map<string, RunItem>();
  for (let nth = 0; nth < EXAMPLES; nth += 1) {
    const wanted = groups
      .filter(({ failureId }) => !found.has(failureId))
      .map(({ newest }) => newest[nth]?.runId)
      .filter((runId) => runId !== undefined);
    if (wanted.length === 0) break;
    for (const run of await index.read(workspace, wanted)) {
      const place = failurePlace(run);
      if (place !== undefined) found.set(place.id, run);
    }
  }
  return found;
};

const errorOf = ({ error, pausedBy }: RunItem): Failure => {
  const { error: name = "", cause = "", state = "", message } = error ?? pausedBy ?? {};
  return { error: name, cause, state, ...(message === undefined ? {} : { message }) };
};

/** Returns the cause with its whole message, which the run itself may not have. */
const causeOf = async (deps: Dependencies, run: RunItem): Promise<string> => {
  const error = errorOf(run);
  if (!isCut(error) || hasWholeMessage(error)) return error.cause;
  return wholeCause(error, await deps.runs.output(run.workspace, run.runId));
};
