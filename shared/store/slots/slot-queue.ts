import { shardOf } from "../../model/ids.ts";
import { type Clause, within } from "../expressions.ts";
import type { FlowIdentity } from "../flows/flow-item.ts";
import { type QueueItem, type QueuePlace, queuePosition } from "../flows/queues.ts";
import type { Item, ItemKey } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS, SHARDS } from "../table-definition.ts";

export const slotQueueKey = (flow: FlowIdentity, id: string, place: QueuePlace): ItemKey => {
  const { workspace, flowId, incarnation } = flow;
  const shard = shardOf(id, INDEX_SHARDS);
  return keys.slotQueue(workspace, flowId, incarnation, shard, id, queuePosition(place), place.runId);
};

export const slotQueueItem = (flow: FlowIdentity, id: string, record: QueueItem): Item & ItemKey => ({
  ...slotQueueKey(flow, id, record),
  ...record,
});

const recordOf = ({ PK: _partition, SK: _position, ...record }: Item): QueueItem =>
  record as unknown as QueueItem;

/**
 * The runs that wait for a slot, in the order in which they get one. The queues of a flow's keys lie next to each other, so that they can
 * be found without a list of the keys. Reads are strongly consistent.
 */
export class SlotQueueStore extends TableStore {
  async put(flow: FlowIdentity, id: string, record: QueueItem): Promise<void> {
    await this.table.put(slotQueueItem(flow, id, record));
  }

  async get(flow: FlowIdentity, id: string, place: QueuePlace): Promise<QueueItem | undefined> {
    return this.table.read(slotQueueKey(flow, id, place), recordOf);
  }

  /** Returns at most `limit` records of the key, in their order. */
  async head(flow: FlowIdentity, id: string, limit: number): Promise<QueueItem[]> {
    const items = await this.table.first({ key: this.#ofKey(flow, id), limit });
    return items.map(recordOf);
  }

  /** Counts the records of the key, up to `max`. */
  async count(flow: FlowIdentity, id: string, max: number): Promise<number> {
    const found = await this.table.first({ key: this.#ofKey(flow, id), limit: max, keysOnly: true });
    return found.length;
  }

  /** Removes exactly the item that was read. */
  async remove(flow: FlowIdentity, id: string, record: QueueItem): Promise<void> {
    await this.table.deleteIf(slotQueueKey(flow, id, record), {
      text: "nonce = :nonce",
      values: { ":nonce": record.nonce },
    });
  }

  /** Removes any item of a run that will never wait again. */
  async forget(flow: FlowIdentity, id: string, place: QueuePlace): Promise<void> {
    await this.table.delete(slotQueueKey(flow, id, place));
  }

  /** Returns the ids of the keys that have a queue, in a fixed order, after `after` of an earlier call. */
  async *keys(flow: FlowIdentity, after?: string): AsyncGenerator<string> {
    const from = after === undefined ? 0 : shardOf(after, INDEX_SHARDS);
    for (const shard of SHARDS.slice(from)) {
      let last = after !== undefined && shard === from ? after : "";
      for (;;) {
        const { PK } = this.#key(flow, shard, last);
        const [next] = await this.table.first({ key: beyond(PK, last), limit: 1, keysOnly: true });
        if (next === undefined) break;
        last = String(next["SK"]).split("#")[0] ?? "";
        yield last;
      }
    }
  }

  #ofKey(flow: FlowIdentity, id: string): Clause {
    const { PK, SK } = this.#key(flow, shardOf(id, INDEX_SHARDS), id);
    return within(PK, SK);
  }

  /** The beginning of the keys of a queue's items. */
  #key({ workspace, flowId, incarnation }: FlowIdentity, shard: number, id: string): ItemKey {
    const { PK } = keys.slotQueue(workspace, flowId, incarnation, shard, id, "", "");
    return { PK, SK: `${id}#` };
  }
}

/** Selects what follows the queue of the key. */
const beyond = (partition: string, id: string): Clause => ({
  text: "PK = :partition AND SK > :last",
  // "~" follows every digit, with which positions begin.
  values: { ":partition": partition, ":last": id === "" ? "!" : `${id}#~` },
});
