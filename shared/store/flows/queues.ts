import { shardOf } from "../../model/ids.ts";
import { DEFAULT_PRIORITY, MAX_PRIORITY } from "../../model/limits.ts";
import { wholePartition } from "../expressions.ts";
import type { Item, ItemKey } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS, SHARDS } from "../table-definition.ts";
import type { FlowIdentity } from "./flow-item.ts";

/** A record that waits in a flow's queue. */
export interface QueueItem {
  readonly runId: string;
  /** The run's `queuedAt`. Records of one priority start in its order. */
  readonly time: string;
  /** The run's `priority`. */
  readonly priority?: number | undefined;
  /** Identifies exactly this item, so that its reader does not delete a newer one. */
  readonly nonce: string;
}

/** The part of a queue item that its run determines. */
export type QueuePlace = Omit<QueueItem, "nonce">;

/** Returns the place in a queue of a run that waits since `time`. */
export const queuePlace = (
  { runId, priority }: Pick<QueuePlace, "runId" | "priority">,
  time: string,
): QueuePlace => ({ runId, time, ...(priority === undefined ? {} : { priority }) });

/**
 * Returns a record's position in the order of starts: by priority, then by time. The default priority is the time alone, as in records
 * of release 0.1; a higher one sorts before every year, and a lower one after it.
 */
export const queuePosition = ({ time, priority = DEFAULT_PRIORITY }: Omit<QueuePlace, "runId">): string => {
  if (priority === DEFAULT_PRIORITY) return time;
  return `${priority > DEFAULT_PRIORITY ? 1 : 3}${MAX_PRIORITY - priority}#${time}`;
};

export const queueItem = (flow: FlowIdentity, record: QueueItem): Item & ItemKey => {
  const shard = shardOf(record.runId, INDEX_SHARDS);
  const { workspace, flowId, incarnation } = flow;
  const position = queuePosition(record);
  return { ...keys.queue(workspace, flowId, incarnation, shard, position, record.runId), ...record };
};

/** The queues of flows. Reads are strongly consistent, from the base table. */
export class QueueStore extends TableStore {
  async put(flow: FlowIdentity, record: QueueItem): Promise<void> {
    await this.table.put(queueItem(flow, record));
  }

  /** Returns at most `limit` records from all shards, in the order in which they start. */
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
      .map(queueItemOf);
  }

  /** Removes exactly the item that was read. */
  async remove(flow: FlowIdentity, record: QueueItem): Promise<void> {
    await this.table.deleteIf(queueItem(flow, record), {
      text: "nonce = :nonce",
      values: { ":nonce": record.nonce },
    });
  }

  /** Removes any item of a run that will never start again. */
  async forget(flow: FlowIdentity, place: QueuePlace): Promise<void> {
    await this.table.delete(queueItem(flow, { ...place, nonce: "" }));
  }
}

const queueItemOf = (item: Item): QueueItem => {
  const { PK: _partition, SK: _position, ...record } = item;
  return record as unknown as QueueItem;
};
