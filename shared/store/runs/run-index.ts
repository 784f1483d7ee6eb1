import { ATTENTION_STATUSES, RUN_STATUSES, type RunStatus } from "../../model/transitions.ts";
import { indexKeys, keys } from "../keys.ts";
import type { Item, Table } from "../table.ts";
import { INDEX_SHARDS, INDEXES, type IndexDefinition } from "../table-definition.ts";
import type { RunItem } from "./run-item.ts";
import { runItemOf } from "./stored-run.ts";

/** A run as an index has it: possibly behind the run itself, and only as true as what never changes. */
export interface IndexedRun {
  readonly runId: string;
  /** Where it stands in the index's order of time, unique: the newest have the greatest. */
  readonly position: string;
  /** Where the index has them. Of these the status may change, and then the position in an index by status with it. */
  readonly flowId?: string;
  readonly startedBy?: RunItem["startedBy"];
  readonly status?: RunStatus;
  /** Time of the dispatch and the run's id. */
  readonly timeKey?: string;
}

/** Which part of time: both ends are exclusive. */
export interface TimeRange {
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** One shard of one index, read newest first. */
export interface RunSource {
  readonly index: string;
  readonly partition: string;
  readonly sort: string;
  readonly key: string;
}

const SHARDS = Array.from({ length: INDEX_SHARDS }, (_, shard) => shard);
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

/** Where the runs stand that are paused or failed, and those that wait, by when they became so. */
export const attentionSources = (workspace: string, statuses: readonly RunStatus[]): RunSource[] => {
  const partitions = [
    ...(ATTENTION_STATUSES.some((status) => statuses.includes(status)) ? [indexKeys.attention] : []),
    ...(statuses.includes("waiting") ? [indexKeys.waiting] : []),
  ];
  return partitions.flatMap((partition) =>
    SHARDS.map((shard) => sourceIn(INDEXES.attention, partition(workspace, shard))),
  );
};

/** Where the steps stand that wait for a person; what follows the time in their position is `<run>#<step>`. */
export const inboxSources = (workspace: string): RunSource[] =>
  SHARDS.map((shard) => sourceIn(INDEXES.attention, indexKeys.inbox(workspace, shard)));

/**
 * Where runs are to be looked for: by status when some are asked for, since most runs of a busy flow are completed;
 * else by flow; else everywhere.
 */
export const sourcesFor = (
  workspace: string,
  filter: { readonly status?: readonly RunStatus[] | undefined; readonly flowId?: string | undefined },
): RunSource[] => {
  if (filter.status !== undefined) return statusSources(workspace, filter.status);
  if (filter.flowId !== undefined) return flowSources(workspace, filter.flowId);
  return statusSources(workspace, RUN_STATUSES);
};

const indexedRun = (item: Item, { sort }: RunSource): IndexedRun => {
  const position = String(item[sort]);
  return { ...item, position, runId: position.slice(position.indexOf("#") + 1) };
};

/** Reads runs by their indexes, which may lag, and the runs themselves, strongly consistent. */
export class RunIndex {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /** A page of one source, newest first, with the key to go on from. */
  async page(
    source: RunSource,
    range: TimeRange,
    limit: number,
    from?: Item,
  ): Promise<{ runs: IndexedRun[]; next?: Item }> {
    const { after = FIRST_TIME, before = AFTER_ALL_TIMES } = range;
    if (after >= before) return { runs: [] };
    const { items, next } = await this.#table.queryPage({
      index: source.index,
      key: {
        text: "#partition = :partition AND #sort BETWEEN :after AND :before",
        names: { "#partition": source.partition, "#sort": source.sort },
        values: { ":partition": source.key, ":after": after, ":before": before },
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

  /** Ids of the flow's runs in these sources, which project the flow; about `most` at most. */
  async ofFlow(sources: readonly RunSource[], flowId: string, most: number): Promise<string[]> {
    const found = await Promise.all(sources.map((source) => this.#ofFlow(source, flowId, most)));
    return [...new Set(found.flat())].slice(0, most);
  }

  async #ofFlow(source: RunSource, flowId: string, most: number): Promise<string[]> {
    const runIds: string[] = [];
    for await (const { PK } of this.#table.query({
      index: source.index,
      key: {
        text: "#partition = :partition",
        names: { "#partition": source.partition },
        values: { ":partition": source.key, ":flow": flowId },
      },
      filter: "flowId = :flow",
      keysOnly: true,
    })) {
      runIds.push(String(PK).split("#").at(-1) ?? "");
      if (runIds.length >= most) break;
    }
    return runIds;
  }

  /** Those of the runs that exist, in the order given. */
  async read(workspace: string, runIds: readonly string[]): Promise<RunItem[]> {
    const items = await this.#table.getMany(runIds.map((runId) => keys.run(workspace, runId)));
    const byId = new Map(items.map(runItemOf).map((run) => [run.runId, run]));
    return runIds
      .map((runId) => byId.get(runId))
      .filter((run) => run !== undefined && run.deleted !== true)
      .filter((run) => run !== undefined);
  }
}
