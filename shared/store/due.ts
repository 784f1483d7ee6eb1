import { shardOf } from "../model/ids.ts";
import type { Item, ItemKey } from "./keys.ts";
import { indexKeys, keys } from "./keys.ts";
import { TableStore } from "./table.ts";
import { INDEX_SHARDS, INDEXES, SHARDS } from "./table-definition.ts";

/** An item that the index of due items refers to. */
export type DueItem =
  | { readonly kind: "run"; readonly workspace: string; readonly runId: string }
  | { readonly kind: "step"; readonly workspace: string; readonly runId: string; readonly stepId: string }
  | { readonly kind: "flow"; readonly workspace: string; readonly flowId: string }
  | {
      readonly kind: "flow-deletion";
      readonly workspace: string;
      readonly flowId: string;
      readonly incarnation: string;
    }
  | {
      readonly kind: "slots";
      readonly workspace: string;
      readonly flowId: string;
      readonly incarnation: string;
      readonly id: string;
    }
  | {
      readonly kind: "trigger-schedules";
      readonly workspace: string;
      readonly flowId: string;
      readonly incarnation: string;
      readonly triggerId: string;
      readonly noteId: string;
    }
  | { readonly kind: "bulk"; readonly workspace: string; readonly bulkId: string }
  | { readonly kind: "incident"; readonly workspace: string; readonly incidentId: string };
/** An overdue item in the form in which a sweep reads it. */
export type OverdueItem = DueItem & {
  /** ISO 8601. */
  readonly due: string;
  /** Whether the sweep stops reading this shard here, although it may hold more. */
  readonly isLast: boolean;
};
/** A run that is ended or deleted, according to the index. */
export type RunKey = Pick<Extract<DueItem, { kind: "run" }>, "workspace" | "runId">;

const RUN = /^W#([^#]+)#R#([^#]+)$/;
const BULK = /^W#([^#]+)#B#([^#]+)$/;
const INCIDENT = /^W#([^#]+)#I#([^#]+)$/;
const FLOW = /^W#([^#]+)#F#([^#]+)$/;
const SLOTS = /^W#([^#]+)#F#([^#]+)#([^#]+)#K#\d+$/;
const DELETION = /^DELETION#([^#]+)#([^#]+)$/;
const SCHEDULES = /^SCHEDULES#([^#]+)#([^#]+)#([^#]+)#([^#]+)$/;

/** Items per read of one partition of the index. */
const PAGE = 100;

/** The sparse index of items with an intent, a planned end or a deadline. It may lag: read the item itself before acting on it. */
export class DueIndex extends TableStore {
  /** Returns a source for each shard of the items overdue at `now` (ISO 8601), oldest first, at most `limit` per shard. */
  overdue(now: string, limit: number): AsyncGenerator<OverdueItem>[] {
    return SHARDS.map((shard) => this.#overdue(shard, now, limit));
  }

  async *#overdue(shard: number, now: string, limit: number): AsyncGenerator<OverdueItem> {
    let left = limit;
    for await (const indexed of this.#until(indexKeys.due(shard), now, Math.min(limit, PAGE))) {
      const item = dueItem(String(indexed["PK"]), String(indexed["SK"]));
      // A kind that only another release knows.
      if (item === undefined) continue;
      left -= 1;
      yield { ...item, due: String(indexed["due"]), isLast: left <= 0 };
      if (left <= 0) return;
    }
  }

  /**
   * Moves an item behind everything due until then (ISO 8601), in the index only. The item's next write restores its due time.
   */
  async postpone(item: DueItem, until: string): Promise<void> {
    await this.table.update(keyOf(item), {
      set: { due: until },
      when: [{ text: "attribute_exists(dueKey) AND due < :until", values: { ":until": until } }],
    });
  }

  /** Returns a source for each shard of the tombstones that may be removed at `now` (ISO 8601), oldest first. */
  tombstones(now: string): AsyncGenerator<RunKey>[] {
    return SHARDS.map((shard) => this.#runs(indexKeys.tombstones(shard), now));
  }

  /** Returns a source for each shard of the workspace's runs that ended until then (ISO 8601), oldest first. */
  ended(workspace: string, until: string): AsyncGenerator<RunKey>[] {
    return SHARDS.map((shard) => this.#runs(indexKeys.ended(workspace, shard), until));
  }

  async *#runs(partition: string, until: string): AsyncGenerator<RunKey> {
    for await (const { PK, SK } of this.#until(partition, until, PAGE)) {
      const item = dueItem(String(PK), String(SK));
      if (item?.kind === "run") yield item;
    }
  }

  #until(partition: string, until: string, limit: number): AsyncGenerator<Item> {
    return this.table.query({
      index: INDEXES.due.name,
      key: {
        text: "dueKey = :partition AND due <= :until",
        values: { ":partition": partition, ":until": until },
      },
      limit,
    });
  }
}

const keyOf = (item: DueItem): ItemKey => {
  const { workspace } = item;
  switch (item.kind) {
    case "run":
      return keys.run(workspace, item.runId);
    case "step":
      return keys.step(workspace, item.runId, item.stepId);
    case "flow":
      return keys.flow(workspace, item.flowId);
    case "flow-deletion":
      return keys.flowDeletion(workspace, item.flowId, item.incarnation);
    case "trigger-schedules":
      return keys.triggerSchedules(workspace, item.flowId, item.incarnation, item.triggerId, item.noteId);
    case "slots":
      return slotsKey(item);
    case "bulk":
      return keys.bulk(workspace, item.bulkId);
    case "incident":
      return keys.incident(workspace, item.incidentId);
  }
};

const slotsKey = ({ workspace, flowId, incarnation, id }: Extract<DueItem, { kind: "slots" }>): ItemKey =>
  keys.slots(workspace, flowId, incarnation, shardOf(id, INDEX_SHARDS), id);

/** Returns undefined for an item of an unknown kind. */
const dueItem = (PK: string, SK: string): DueItem | undefined => {
  if (SK === "FLOW") {
    const [, workspace, flowId] = FLOW.exec(PK) ?? [];
    return workspace === undefined || flowId === undefined ? undefined : { kind: "flow", workspace, flowId };
  }
  const [, flowId, incarnation] = DELETION.exec(SK) ?? [];
  if (flowId !== undefined && incarnation !== undefined) {
    return { kind: "flow-deletion", workspace: PK.slice("W#".length), flowId, incarnation };
  }
  const note = SCHEDULES.exec(SK);
  if (note !== null) {
    const [, flowId = "", incarnation = "", triggerId = "", noteId = ""] = note;
    const workspace = PK.slice("W#".length);
    return { kind: "trigger-schedules", workspace, flowId, incarnation, triggerId, noteId };
  }
  if (SK === "BULK") {
    const [, workspace, bulkId] = BULK.exec(PK) ?? [];
    return workspace === undefined || bulkId === undefined ? undefined : { kind: "bulk", workspace, bulkId };
  }
  if (SK === "INCIDENT") {
    const [, workspace, incidentId] = INCIDENT.exec(PK) ?? [];
    return workspace === undefined || incidentId === undefined
      ? undefined
      : { kind: "incident", workspace, incidentId };
  }
  const [, ofWorkspace, ofFlow, ofIncarnation] = SLOTS.exec(PK) ?? [];
  if (ofWorkspace !== undefined && ofFlow !== undefined && ofIncarnation !== undefined)
    return { kind: "slots", workspace: ofWorkspace, flowId: ofFlow, incarnation: ofIncarnation, id: SK };
  const [, workspace, runId] = RUN.exec(PK) ?? [];
  if (workspace === undefined || runId === undefined) return undefined;
  if (SK === "RUN") return { kind: "run", workspace, runId };
  return SK.startsWith("S#") ? { kind: "step", workspace, runId, stepId: SK.slice(2) } : undefined;
};
