import { shardOf } from "../model/ids.ts";
import type { Table } from "./client.ts";
import { INDEX_SHARDS, keys } from "./table.ts";
import type { FlowIdentity } from "./versions.ts";

const SHARDS = Array.from({ length: INDEX_SHARDS }, (_, shard) => shard);

/**
 * How many records wait behind a flow's hold. Beside the protocol, not part of it: whoever dies between the queue and its counter
 * leaves it wrong until the queue is next found empty.
 */
export class CounterStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /** `by` more, or less; one of the shards may go below zero, not their sum. */
  async addQueued(flow: FlowIdentity, runId: string, by: number): Promise<void> {
    const shard = shardOf(runId, INDEX_SHARDS);
    await this.#table.add(keys.counter(flow.workspace, flow.flowId, flow.incarnation, shard), { queued: by });
  }

  async queued(flow: FlowIdentity): Promise<number> {
    const found = await this.read(flow);
    return Math.max(
      found.reduce((total, one) => total + one.queued, 0),
      0,
    );
  }

  /** The shards as they are, for `subtract`. */
  async read(flow: FlowIdentity): Promise<readonly Shard[]> {
    const keysOf = SHARDS.map((shard) => keys.counter(flow.workspace, flow.flowId, flow.incarnation, shard));
    const items = await this.#table.getMany(keysOf);
    return items.map(({ PK, SK, queued }) => ({
      ...{ PK: String(PK), SK: String(SK) },
      queued: Number(queued ?? 0),
    }));
  }

  /** Takes off what was read and proved wrong, and nothing that others have added since. */
  async subtract(wrong: readonly Shard[]): Promise<void> {
    for (const shard of wrong) {
      if (shard.queued !== 0) await this.#table.add(shard, { queued: -shard.queued });
    }
  }
}

interface Shard {
  readonly PK: string;
  readonly SK: string;
  readonly queued: number;
}
