import type { Item, Table } from "./client.ts";
import { INDEX_SHARDS, INDEXES, indexKeys } from "./table.ts";

/** What the index of due things points at. */
export type DueThing =
  | { readonly kind: "run"; readonly workspace: string; readonly runId: string }
  | { readonly kind: "step"; readonly workspace: string; readonly runId: string; readonly stepId: string }
  | { readonly kind: "flow"; readonly workspace: string; readonly flowId: string }
  | {
      readonly kind: "flow-deletion";
      readonly workspace: string;
      readonly flowId: string;
      readonly incarnation: string;
    }
  | { readonly kind: "bulk"; readonly workspace: string; readonly bulkId: string };
/** A run that the index says is over, or deleted. */
export type RunKey = Pick<Extract<DueThing, { kind: "run" }>, "workspace" | "runId">;

const RUN = /^W#([^#]+)#R#([^#]+)$/;
const BULK = /^W#([^#]+)#B#([^#]+)$/;
const FLOW = /^W#([^#]+)#F#([^#]+)$/;
const DELETION = /^DELETION#([^#]+)#([^#]+)$/;
const SHARDS = Array.from({ length: INDEX_SHARDS }, (_, shard) => shard);

/** Read at once from one partition of the index. */
const PAGE = 100;

/** The sparse index of whatever has an intent, an end or a deadline. It may lag: read the item itself before acting. */
export class DueIndex {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /** Overdue things at `now` (ISO 8601), a source for each shard, the oldest first; at most `limit` of each. */
  overdue(now: string, limit: number): AsyncGenerator<DueThing>[] {
    return SHARDS.map((shard) => this.#things(indexKeys.due(shard), now, limit));
  }

  async *#things(partition: string, now: string, limit: number): AsyncGenerator<DueThing> {
    let left = limit;
    for await (const item of this.#until(partition, now, Math.min(limit, PAGE))) {
      const thing = dueThing(String(item["PK"]), String(item["SK"]));
      if (thing !== undefined) yield thing;
      left -= 1;
      if (left <= 0) return;
    }
  }

  /** Deleted runs whose late writers are gone at `now` (ISO 8601), a source for each shard, the oldest first. */
  tombstones(now: string): AsyncGenerator<RunKey>[] {
    return SHARDS.map((shard) => this.#runs(indexKeys.tombstones(shard), now));
  }

  /** The workspace's runs that ended at `until` (ISO 8601) or before, a source for each shard, the oldest first. */
  ended(workspace: string, until: string): AsyncGenerator<RunKey>[] {
    return SHARDS.map((shard) => this.#runs(indexKeys.ended(workspace, shard), until));
  }

  async *#runs(partition: string, until: string): AsyncGenerator<RunKey> {
    for await (const item of this.#until(partition, until, PAGE)) {
      const thing = dueThing(String(item["PK"]), String(item["SK"]));
      if (thing?.kind === "run") yield thing;
    }
  }

  #until(partition: string, until: string, limit: number): AsyncGenerator<Item> {
    return this.#table.query({
      index: INDEXES.due.name,
      key: {
        text: "dueKey = :partition AND due <= :until",
        values: { ":partition": partition, ":until": until },
      },
      limit,
    });
  }
}

/** Undefined for things of another kind, which another sweep redoes. */
const dueThing = (PK: string, SK: string): DueThing | undefined => {
  if (SK === "FLOW") {
    const [, workspace, flowId] = FLOW.exec(PK) ?? [];
    return workspace === undefined || flowId === undefined ? undefined : { kind: "flow", workspace, flowId };
  }
  const [, flowId, incarnation] = DELETION.exec(SK) ?? [];
  if (flowId !== undefined && incarnation !== undefined) {
    return { kind: "flow-deletion", workspace: PK.slice("W#".length), flowId, incarnation };
  }
  if (SK === "BULK") {
    const [, workspace, bulkId] = BULK.exec(PK) ?? [];
    return workspace === undefined || bulkId === undefined ? undefined : { kind: "bulk", workspace, bulkId };
  }
  const [, workspace, runId] = RUN.exec(PK) ?? [];
  if (workspace === undefined || runId === undefined) return undefined;
  if (SK === "RUN") return { kind: "run", workspace, runId };
  return SK.startsWith("S#") ? { kind: "step", workspace, runId, stepId: SK.slice(2) } : undefined;
};
