import { shardOf } from "../../model/ids.ts";
import { keys } from "../keys.ts";
import type { Item, ItemKey, Table } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { FlowIdentity } from "./flow-item.ts";

/** A record that waits behind a hold. */
export interface QueueItem {
  readonly runId: string;
  /** The run's `queuedAt`: records start in its order. */
  readonly time: string;
  /** Whoever read this item deletes this item, not one put since. */
  readonly nonce: string;
}

const SHARDS = Array.from({ length: INDEX_SHARDS }, (_, shard) => shard);

export const queueItem = (flow: FlowIdentity, record: QueueItem): Item & ItemKey => {
  const shard = shardOf(record.runId, INDEX_SHARDS);
  const { workspace, flowId, incarnation } = flow;
  return { ...keys.queue(workspace, flowId, incarnation, shard, record.time, record.runId), ...record };
};

/** Records that wait behind a flow's hold. Reads are strongly consistent, from the base table. */
export class QueueStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  async put(flow: FlowIdentity, record: QueueItem): Promise<void> {
    await this.#table.put(queueItem(flow, record));
  }

  /** The oldest records of all shards together, oldest first, at most `limit`. */
  async head(flow: FlowIdentity, limit: number): Promise<QueueItem[]> {
    const heads = await Promise.all(
      SHARDS.map(async (shard) => {
        const { PK } = keys.queue(flow.workspace, flow.flowId, flow.incarnation, shard, "", "");
        const key = { text: "PK = :partition", values: { ":partition": PK } };
        return (await this.#table.queryPage({ key, limit })).items;
      }),
    );
    const sortKey = (item: Item) => String(item["SK"]);
    return heads
      .flat()
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
      .slice(0, limit)
      .map(({ runId, time, nonce }) => ({ runId, time, nonce }) as QueueItem);
  }

  /** Only the very item that was read. */
  async remove(flow: FlowIdentity, record: QueueItem): Promise<void> {
    await this.#table.deleteIf(queueItem(flow, record), {
      text: "nonce = :nonce",
      values: { ":nonce": record.nonce },
    });
  }

  /** Whatever stands for the run, which will never be started again. */
  async forget(flow: FlowIdentity, runId: string, time: string): Promise<void> {
    await this.#table.delete(queueItem(flow, { runId, time, nonce: "" }));
  }
}
