import { indexKeys, keys } from "./keys.ts";
import type { Item, ItemKey, Table } from "./table.ts";
import { INDEX_SHARDS, INDEXES } from "./table-definition.ts";

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
/** A due thing as a sweep meets it. */
export type Overdue = DueThing & {
  /** ISO 8601. */
  readonly due: string;
  /** Whether this sweep leaves off here: its part of the index may hold more. */
  readonly isLast: boolean;
};
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

  /** Overdue things at `now` (ISO 8601), a source for each shard, the oldest first; at most `limit` of a shard. */
  overdue(now: string, limit: number): AsyncGenerator<Overdue>[] {
    return SHARDS.map((shard) => this.#overdue(shard, now, limit));
  }

  async *#overdue(shard: number, now: string, limit: number): AsyncGenerator<Overdue> {
    let left = limit;
    for await (const item of this.#until(indexKeys.due(shard), now, Math.min(limit, PAGE))) {
      const thing = dueThing(String(item["PK"]), String(item["SK"]));
      // One of another release's kinds stands in nobody's way.
      if (thing === undefined) continue;
      left -= 1;
      yield { ...thing, due: String(item["due"]), isLast: left <= 0 };
      if (left <= 0) return;
    }
  }

  /** Puts a thing behind all that are due until then (ISO 8601), in its index alone: its next write sets its place anew. */
  async postpone(thing: DueThing, until: string): Promise<void> {
    await this.#table.update(keyOf(thing), {
      set: { due: until },
      when: [{ text: "attribute_exists(dueKey) AND due < :until", values: { ":until": until } }],
    });
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

const keyOf = (thing: DueThing): ItemKey => {
  const { workspace } = thing;
  switch (thing.kind) {
    case "run":
      return keys.run(workspace, thing.runId);
    case "step":
      return keys.step(workspace, thing.runId, thing.stepId);
    case "flow":
      return keys.flow(workspace, thing.flowId);
    case "flow-deletion":
      return keys.flowDeletion(workspace, thing.flowId, thing.incarnation);
    case "bulk":
      return keys.bulk(workspace, thing.bulkId);
  }
};

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
