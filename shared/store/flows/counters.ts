import { shardOf } from "../../model/ids.ts";
import type { ItemKey } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS, SHARDS } from "../table-definition.ts";
import type { FlowIdentity } from "./flow-item.ts";

/**
 * Counts the records in a flow's queue. No protocol depends on the count: a crash between a write of the queue and one of its
 * counter leaves the counter wrong until the queue is recounted or found empty.
 */
export class CounterStore extends TableStore {
  /** Adds to the counter; `by` may be negative. A single shard may go below zero, but not the sum of all. */
  async addQueued(flow: FlowIdentity, runId: string, by: number): Promise<void> {
    const shard = shardOf(runId, INDEX_SHARDS);
    await this.table.add(keyOf(flow, shard), { queued: by, writes: 1 });
  }

  async queued(flow: FlowIdentity): Promise<number> {
    return Math.max(sumOf(await this.read(flow)), 0);
  }

  /** Returns the shards that exist. */
  async read(flow: FlowIdentity): Promise<readonly Shard[]> {
    const items = await this.table.getMany(SHARDS.map((shard) => keyOf(flow, shard)));
    return items.map(({ PK, SK, queued, writes }) => ({
      ...{ PK: String(PK), SK: String(SK) },
      ...{ queued: Number(queued ?? 0), writes: Number(writes ?? 0) },
    }));
  }

  /** Subtracts counts that have proved wrong, but nothing that others have added since they were read. */
  async subtract(wrong: readonly Shard[]): Promise<void> {
    for (const shard of wrong) {
      if (shard.queued !== 0) await this.table.add(shard, { queued: -shard.queued, writes: 1 });
    }
  }

  /** Adds the records that the counter is missing. Returns false if its first shard was written since it was read. */
  async correct(flow: FlowIdentity, read: readonly Shard[], by: number): Promise<boolean> {
    const shard = read[0] ?? { ...keyOf(flow, 0), queued: 0, writes: 0 };
    const { PK, SK, queued, writes } = shard;
    const untouched = read[0] === undefined ? "attribute_not_exists(PK)" : "attribute_exists(PK)";
    const { ok } = await this.table.update(
      { PK, SK },
      {
        set: { queued: queued + by, writes: writes + 1 },
        when: [
          { text: untouched },
          { text: "attribute_not_exists(writes) OR writes = :writes", values: { ":writes": writes } },
        ],
      },
    );
    return ok;
  }
}

export interface Shard extends ItemKey {
  readonly queued: number;
  /** The number of writes. If it is unchanged, nobody counted in between. */
  readonly writes: number;
}

export const sumOf = (shards: readonly Shard[]): number =>
  shards.reduce((total, { queued }) => total + queued, 0);

const keyOf = ({ workspace, flowId, incarnation }: FlowIdentity, shard: number): ItemKey =>
  keys.counter(workspace, flowId, incarnation, shard);
