import { ATTENTION_STATUSES, RUN_STATUSES, type RunStatus } from "../../model/transitions.ts";
import type { Item } from "../keys.ts";
import { indexKeys, keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEXES, type IndexDefinition, KEY, SHARDS } from "../table-definition.ts";
import { type AskedFailures, failureEntries, type IndexedFailure } from "./failure-index.ts";
import type { RunItem } from "./run-item.ts";
import { runItemOf } from "./stored-run.ts";

/** A run as an index projects it. It may lag behind the run item; only attributes that never change are reliable. */
export interface IndexedRun {
  readonly runId: string;
  /** Its position in the index, which is unique. Newer runs have greater positions. */
  readonly position: string;
  /** Only in indexes that project them. The status may change, and with it the position in an index by status. */
  readonly flowId?: string;
  readonly startedBy?: RunItem["startedBy"];
  readonly status?: RunStatus;
  readonly version?: number;
  /** The time of the dispatch and the run's id. */
  readonly timeKey?: string;
}

/** A range of positions. Both ends are exclusive. */
export interface TimeRange {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** One shard of one index, or of the table if there is no index. It is read newest first. */
export interface RunSource {
  readonly index?: string;
  readonly partition: string;
  readonly sort: string;
  readonly key: string;
  /** The part of this source's sort keys before the position. */
  readonly prefix?: string;
}

const FIRST_TIME = "0";
const AFTER_ALL_TIMES = "~";

const sourceIn = (index: IndexDefinition, key: string): RunSource => ({
  index: index.name,
  partition: index.partition,
  sort: index.sort,
  key,
});
const statusSources = (workspace: string, statuses: readonly RunStatus[]): RunSource[] =>
  statuses.flatMap((status) =>
    SHARDS.map((shard) => sourceIn(INDEXES.byStatus, indexKeys.byStatus(workspace, status, shard))),
  );
const flowSources = (workspace: string, flowId: string): RunSource[] =>
  SHARDS.map((shard) => sourceIn(INDEXES.byFlow, indexKeys.byFlow(workspace, flowId, shard)));

/** Returns the sources of paused, failed and waiting runs, by the time at which they took that status. */
export const attentionSources = (workspace: string, statuses: readonly RunStatus[]): RunSource[] => {
  const partitions = [
    ...(ATTENTION_STATUSES.some((status) => statuses.includes(status)) ? [indexKeys.attention] : []),
    ...(statuses.includes("waiting") ? [indexKeys.waiting] : []),
  ];
  return partitions.flatMap((partition) =>
    SHARDS.map((shard) => sourceIn(INDEXES.attention, partition(workspace, shard))),
  );
};

/** Returns the sources of the runs in a failure group, by the time at which they failed. */
export const failureSources = (workspace: string, failureId: string): RunSource[] =>
  SHARDS.map((shard) => ({
    ...sourceIn(INDEXES.byFailure, indexKeys.failures(workspace, shard)),
    prefix: indexKeys.failure(failureId),
  }));

export type AttributeValue = readonly [name: string, value: string];

/** Returns the sources of the runs with this value of an attribute, by the time of their dispatch. */
export const attributeSources = (workspace: string, [name, value]: AttributeValue): RunSource[] =>
  SHARDS.map((shard) => ({
    partition: KEY.partition,
    sort: KEY.sort,
    key: keys.attribute(workspace, { name, value }, shard, "").PK,
  }));

/** Returns the sources of human steps that wait for an answer. A position is `<time>#<run>#<step>`. */
export const inboxSources = (workspace: string): RunSource[] =>
  SHARDS.map((shard) => sourceIn(INDEXES.attention, indexKeys.inbox(workspace, shard)));

/**
 * Returns the sources to search: a failure group; otherwise by an attribute, which few runs share; otherwise by status if the filter names statuses, since most runs of a busy flow are
 * completed; otherwise by flow; otherwise all statuses.
 */
export const sourcesFor = (
  workspace: string,
  filter: {
    readonly status?: readonly RunStatus[] | undefined;
    readonly flowId?: string | undefined;
    readonly failure?: string | undefined;
  },
  attribute?: AttributeValue,
): RunSource[] => {
  if (filter.failure !== undefined) return failureSources(workspace, filter.failure);
  if (attribute !== undefined) return attributeSources(workspace, attribute);
  if (filter.status !== undefined) return statusSources(workspace, filter.status);
  if (filter.flowId !== undefined) return flowSources(workspace, filter.flowId);
  return statusSources(workspace, RUN_STATUSES);
};

const indexedRun = (item: Item, { sort, prefix = "" }: RunSource): IndexedRun => {
  const position = String(item[sort]).slice(prefix.length);
  return { ...item, position, runId: position.slice(position.indexOf("#") + 1) };
};

/** Reads the indexes of runs, which may lag, and the runs that they list, strongly consistent. */
export class RunIndex extends TableStore {
  /** Returns a page of one source, newest first, with the key that starts the next page. */
  async page(
    source: RunSource,
    range: TimeRange,
    limit: number,
    from?: Item,
  ): Promise<{ runs: IndexedRun[]; next?: Item }> {
    const { after = FIRST_TIME, before = AFTER_ALL_TIMES } = range;
    if (after >= before) return { runs: [] };
    const { prefix = "" } = source;
    const { items, next } = await this.table.queryPage({
      ...(source.index === undefined ? {} : { index: source.index }),
      key: {
        text: "#partition = :partition AND #sort BETWEEN :after AND :before",
        names: { "#partition": source.partition, "#sort": source.sort },
        values: { ":partition": source.key, ":after": prefix + after, ":before": prefix + before },
      },
      newestFirst: true,
      limit,
      ...(from === undefined ? {} : { from }),
    });
    const runs = items
      .map((item) => indexedRun(item, source))
      .filter((run) => run.position > after && run.position < before);
    return next === undefined ? { runs } : { runs, next };
  }

  /** Returns a source for each shard of the workspace's failures, by group and by time within it. */
  failures(workspace: string, asked: AskedFailures): AsyncGenerator<IndexedFailure>[] {
    return failureEntries(this.table, workspace, asked);
  }

  /** Returns the ids of at most `limit` of the flow's runs in these sources, which must project the flow. */
  async ofFlow(sources: readonly RunSource[], flowId: string, limit: number): Promise<string[]> {
    const found = await Promise.all(sources.map((source) => this.#ofFlow(source, flowId, limit)));
    return [...new Set(found.flat())].slice(0, limit);
  }

  async #ofFlow(source: RunSource, flowId: string, limit: number): Promise<string[]> {
    const runIds: string[] = [];
    for await (const { PK } of this.table.query({
      ...(source.index === undefined ? {} : { index: source.index }),
      key: {
        text: "#partition = :partition",
        names: { "#partition": source.partition },
        values: { ":partition": source.key, ":flow": flowId },
      },
      filter: "flowId = :flow",
      keysOnly: true,
    })) {
      runIds.push(String(PK).split("#").at(-1) ?? "");
      if (runIds.length >= limit) break;
    }
    return runIds;
  }

  /** Returns the runs that exist, in the order given. */
  async read(workspace: string, runIds: readonly string[]): Promise<RunItem[]> {
    const items = await this.table.getMany(runIds.map((runId) => keys.run(workspace, runId)));
    const byId = new Map(items.map(runItemOf).map((run) => [run.runId, run]));
    return runIds
      .map((runId) => byId.get(runId))
      .filter((run) => run !== undefined)
      .filter((run) => run.deleted !== true);
  }
}
