import type { Actor } from "../../model/actor.ts";
import { shardOf } from "../../model/ids.ts";
import { updateExpression, wholePartition } from "../expressions.ts";
import type { Item, ItemKey } from "../keys.ts";
import { indexKeys, keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS, SHARDS } from "../table-definition.ts";
import type { FlowIdentity, FlowItem } from "./flow-item.ts";
import { METER_KINDS } from "./meters.ts";

/** The intent to delete a flow. It outlives the flow item until no late writer can exist any longer. */
export interface FlowDeletion extends FlowIdentity {
  readonly since: string;
  readonly by: Actor;
  /** When the sweeper continues it. ISO 8601. */
  readonly due: string;
  readonly tries: number;
  /** Set when the flow had no open runs left. From then on, the flow cannot be reopened. */
  readonly committed: boolean;
  /** See `FlowItem`. */
  readonly limited?: true;
}

const keyOf = ({ workspace, flowId, incarnation }: FlowIdentity) =>
  keys.flowDeletion(workspace, flowId, incarnation);
const dueKey = (flowId: string) => indexKeys.due(shardOf(flowId, INDEX_SHARDS));

/** Deletes a flow step by step. Its runs must be deleted first. */
export class FlowDeletionStore extends TableStore {
  async read(flow: FlowIdentity): Promise<FlowDeletion | undefined> {
    const item = await this.table.get(keyOf(flow));
    if (item === undefined) return undefined;
    const { PK: _partition, SK: _sort, dueKey: _index, ...deletion } = item;
    const { workspace, flowId, incarnation } = flow;
    return { ...deletion, workspace, flowId, incarnation } as unknown as FlowDeletion;
  }

  /**
   * Closes the flow to dispatches and changes, with the intent to delete it. Returns false if the flow has changed since it was
   * read.
   */
  async begin(flow: FlowItem, deletion: FlowDeletion): Promise<boolean> {
    const { workspace: _w, flowId: _f, incarnation: _i, ...intent } = deletion; // in its key already
    const change = updateExpression({
      set: { deleting: true, deletion: { at: deletion.since, actor: deletion.by } },
      when: [{ ...asRead(flow) }, { text: "attribute_not_exists(deleting)" }],
    });
    return this.table.tryTransact((TableName) => [
      { Update: { TableName, Key: keys.flow(flow.workspace, flow.flowId), ...change } },
      { Put: { TableName, Item: { ...keyOf(flow), ...intent, dueKey: dueKey(flow.flowId) } } },
    ]);
  }

  /** Reopens the flow, unless its deletion is committed. */
  async reopen(flow: FlowItem): Promise<boolean> {
    const change = updateExpression({ remove: ["deleting", "deletion"], when: [{ ...asRead(flow) }] });
    return this.table.tryTransact((TableName) => [
      { Update: { TableName, Key: keys.flow(flow.workspace, flow.flowId), ...change } },
      {
        Delete: {
          TableName,
          Key: keyOf(flow),
          ConditionExpression: "committed = :no",
          ExpressionAttributeValues: { ":no": false },
        },
      },
    ]);
  }

  /** Makes the deletion final. Returns false if the flow has been reopened. */
  async commit(flow: FlowIdentity): Promise<boolean> {
    const { ok } = await this.table.update(keyOf(flow), {
      set: { committed: true },
      when: [{ text: "attribute_exists(PK)" }],
    });
    return ok;
  }

  /** Sets the sweeper's next attempt. Returns false if the deletion is complete or was withdrawn. */
  async retry(deletion: FlowDeletion, due: string): Promise<boolean> {
    const { ok } = await this.table.update(keyOf(deletion), {
      set: { due, tries: deletion.tries + 1 },
      when: [{ text: "attribute_exists(PK)" }],
    });
    return ok;
  }

  /**
   * Deletes every item of this incarnation of the flow, except its queue: versions, texts, replay machines, audit, hold item, counters,
   * meters and parks. A flow created since under the same id keeps all of its items.
   */
  async purge(flow: FlowIdentity): Promise<void> {
    const { workspace, flowId, incarnation } = flow;
    const own = await this.#sortKeys(keys.flow(workspace, flowId).PK);
    const parks = await Promise.all(
      SHARDS.map((shard) => this.#sortKeys(keys.flowPark(workspace, flowId, incarnation, shard, "", "").PK)),
    );
    await this.table.deleteMany([
      ...own.filter(({ SK }) => SK.includes(`#${incarnation}#`)),
      ...parks.flat(),
      ...separateItems(flow),
    ]);
  }

  /** Deletes the flow item and its entry in the list. */
  async removeFlow({ workspace, flowId, incarnation }: FlowIdentity): Promise<void> {
    const own = {
      ConditionExpression: "incarnation = :incarnation",
      ExpressionAttributeValues: { ":incarnation": incarnation },
    };
    await this.table.tryTransact((TableName) => [
      { Delete: { TableName, Key: keys.flowEntry(workspace, flowId), ...own } },
      { Delete: { TableName, Key: keys.flow(workspace, flowId), ...own } },
    ]);
  }

  /** Deletes the record of the deletion. */
  async end(flow: FlowIdentity): Promise<void> {
    await this.table.delete(keyOf(flow));
  }

  async #sortKeys(partition: string): Promise<ItemKey[]> {
    const found: Item[] = [];
    for await (const item of this.table.query({ key: wholePartition(partition), keysOnly: true }))
      found.push(item);
    return found.map(({ PK, SK }) => ({ PK: String(PK), SK: String(SK) }));
  }
}

const asRead = (flow: FlowItem) => ({
  text: "rev = :was AND incarnation = :incarnation",
  values: { ":was": flow.rev, ":incarnation": flow.incarnation },
});

/** Items with their own partitions, since they are written or read often. */
const separateItems = ({ workspace, flowId, incarnation }: FlowIdentity): ItemKey[] => [
  ...SHARDS.map((shard) => keys.counter(workspace, flowId, incarnation, shard)),
  ...METER_KINDS.map((meter) => keys.meter(workspace, flowId, incarnation, meter)),
  keys.hold(workspace, flowId, incarnation),
];
