import { shardOf } from "../../model/ids.ts";
import { wholePartition } from "../expressions.ts";
import type { Item, ItemKey } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS, SHARDS } from "../table-definition.ts";
import type { FlowIdentity } from "./flow-item.ts";

/** A record that waits in a flow's queue. */
export interface QueueItem {
  readonly runId: string;
  /** The run's `queuedAt`. Records start in its order. */
  readonly time: string;
  /** Identifies exactly this item, so that its reader does not delete a newer one. */
  readonly nonce: string;
}

export const queueItem = (flow: FlowIdentity, record: QueueItem): Item & ItemKey => {
  const shard = shardOf(record.runId, INDEX_SHARDS);
  const { workspace, flowId, incarnation } = flow;
  return { ...keys.queue(workspace, flowId, incarnation, shard, record.time, record.runId), ...record };
};

/** The queues of flows. Reads are strongly consistent, from the base table. */
export class QueueStore extends TableStore {
  async put(flow: FlowIdentity, record: QueueItem): Promise<void> {
    await this.table.put(queueItem(flow, record));
  }

  /** Returns at most `limit` records from all shards, oldest first. */
  async head(flow: FlowIdentity, limit: number): Promise<QueueItem[]> {
    const heads = await Promise.all(
      SHARDS.map(async (shard) => {
        const { PK } = keys.queue(flow.workspace, flow.flowId, flow.incarnation, shard, "", "");
        return this.table.first({ key: wholePartition(PK), limit });
      }),
    );
    const sortKey = (item: Item) => String(item["SK"]);
    return heads
      .flat()
      .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
      .slice(0, limit)
      .map(({ runId, time, nonce }) => ({ runId, time, nonce }) as QueueItem);
  }

  /** Removes exactly the item that was read. */
  async remove(flow: FlowIdentity, record: QueueItem): Promise<void> {
    await this.table.deleteIf(queueItem(flow, record), {
      text: "nonce = :nonce",
      values: { ":nonce": record.nonce },
    });
  }

  /** Removes any item of a run that will never start again. */
  async forget(flow: FlowIdentity, runId: string, time: string): Promise<void> {
    await this.table.delete(queueItem(flow, { runId, time, nonce: "" }));
  }
}
