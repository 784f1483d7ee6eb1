import type { Actor } from "../../model/actor.ts";
import { shardOf } from "../../model/ids.ts";
import { updateExpression } from "../expressions.ts";
import { indexKeys, keys } from "../keys.ts";
import type { Item, ItemKey, Table } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { FlowIdentity, FlowItem } from "./flow-item.ts";

/** A deletion under way: the intent of it, which outlives the flow's own item until the last late writer is gone. */
export interface FlowDeletion extends FlowIdentity {
  readonly since: string;
  readonly by: Actor;
  /** When the sweeper looks after it. ISO 8601. */
  readonly due: string;
  readonly tries: number;
  /** No open run was left: there is no way back. */
  readonly committed: boolean;
}

const SHARDS = Array.from({ length: INDEX_SHARDS }, (_, shard) => shard);

const keyOf = ({ workspace, flowId, incarnation }: FlowIdentity) =>
  keys.flowDeletion(workspace, flowId, incarnation);
const dueKey = (flowId: string) => indexKeys.due(shardOf(flowId, INDEX_SHARDS));

/** What a flow leaves behind step by step. Its runs are not part of it. */
export class FlowDeletionStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  async read(flow: FlowIdentity): Promise<FlowDeletion | undefined> {
    const item = await this.#table.get(keyOf(flow));
    if (item === undefined) return undefined;
    const { PK: _partition, SK: _sort, dueKey: _index, ...deletion } = item;
    const { workspace, flowId, incarnation } = flow;
    return { ...deletion, workspace, flowId, incarnation } as unknown as FlowDeletion;
  }

  /** Closes the flow as it was read for dispatches and changes, with the intent to delete it; false where it has moved. */
  async begin(flow: FlowItem, deletion: FlowDeletion): Promise<boolean> {
    const { workspace: _w, flowId: _f, incarnation: _i, ...intent } = deletion; // its key says them
    const change = updateExpression({
      set: { deleting: true, deletion: { at: deletion.since, actor: deletion.by } },
      when: [{ ...asRead(flow) }, { text: "attribute_not_exists(deleting)" }],
    });
    return this.#table.tryTransact((TableName) => [
      { Update: { TableName, Key: keys.flow(flow.workspace, flow.flowId), ...change } },
      { Put: { TableName, Item: { ...keyOf(flow), ...intent, dueKey: dueKey(flow.flowId) } } },
    ]);
  }

  /** Opens the flow again, unless its deletion is committed. */
  async reopen(flow: FlowItem): Promise<boolean> {
    const change = updateExpression({ remove: ["deleting", "deletion"], when: [{ ...asRead(flow) }] });
    return this.#table.tryTransact((TableName) => [
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

  /** From here on the flow goes; false where it has been opened again. */
  async commit(flow: FlowIdentity): Promise<boolean> {
    const { ok } = await this.#table.update(keyOf(flow), {
      set: { committed: true },
      when: [{ text: "attribute_exists(PK)" }],
    });
    return ok;
  }

  /** The sweeper's next look; false where there is nothing to look after any more. */
  async retry(deletion: FlowDeletion, due: string): Promise<boolean> {
    const { ok } = await this.#table.update(keyOf(deletion), {
      set: { due, tries: deletion.tries + 1 },
      when: [{ text: "attribute_exists(PK)" }],
    });
    return ok;
  }

  /**
   * Everything in the table that carries the flow's incarnation but its queue, and nothing of a flow made since under the same id:
   * versions, texts, replay machines, audit; the hold item, the counters, the meters; parks.
   */
  async purge(flow: FlowIdentity): Promise<void> {
    const { workspace, flowId, incarnation } = flow;
    const own = await this.#sortKeys(keys.flow(workspace, flowId).PK);
    const parks = await Promise.all(
      SHARDS.map((shard) => this.#sortKeys(keys.flowPark(workspace, flowId, incarnation, shard, "", "").PK)),
    );
    await this.#table.deleteMany([
      ...own.filter(({ SK }) => SK.includes(`#${incarnation}#`)),
      ...parks.flat(),
      ...besideFlow(flow),
    ]);
  }

  /** The flow's own item and its line in the list. */
  async removeFlow({ workspace, flowId, incarnation }: FlowIdentity): Promise<void> {
    const own = {
      ConditionExpression: "incarnation = :incarnation",
      ExpressionAttributeValues: { ":incarnation": incarnation },
    };
    await this.#table.tryTransact((TableName) => [
      { Delete: { TableName, Key: keys.flowEntry(workspace, flowId), ...own } },
      { Delete: { TableName, Key: keys.flow(workspace, flowId), ...own } },
    ]);
  }

  /** Nothing is left to be done. */
  async end(flow: FlowIdentity): Promise<void> {
    await this.#table.delete(keyOf(flow));
  }

  async #sortKeys(partition: string): Promise<ItemKey[]> {
    const key = { text: "PK = :partition", values: { ":partition": partition } };
    const found: Item[] = [];
    for await (const item of this.#table.query({ key, keysOnly: true })) found.push(item);
    return found.map(({ PK, SK }) => ({ PK: String(PK), SK: String(SK) }));
  }
}

const asRead = (flow: FlowItem) => ({
  text: "rev = :was AND incarnation = :incarnation",
  values: { ":was": flow.rev, ":incarnation": flow.incarnation },
});

/** What stands in partitions of its own since it is written or read often. */
const besideFlow = ({ workspace, flowId, incarnation }: FlowIdentity): ItemKey[] => [
  ...SHARDS.map((shard) => keys.counter(workspace, flowId, incarnation, shard)),
  ...["throughput", "spend"].map((meter) => keys.meter(workspace, flowId, incarnation, meter)),
  keys.hold(workspace, flowId, incarnation),
];
