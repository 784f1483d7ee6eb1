import { digest, shardOf } from "../../model/ids.ts";
import { within } from "../expressions.ts";
import type { FlowIdentity } from "../flows/flow-item.ts";
import { keys } from "../keys.ts";
import type { ItemKey, Table } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { RunItem } from "./run-item.ts";

export interface ParkItem {
  readonly runId: string;
  readonly token: string;
  readonly state: string;
  readonly path: string;
  readonly entered: string;
  readonly parkedAt: string;
  /** Whose hold it waits for. */
  readonly holder: "user" | "flow";
}

export type ParkOwner = Pick<RunItem, "workspace" | "runId" | "flowId" | "incarnation">;

/** Task tokens that wait at gates: under the run for a user's pause, under the flow for its hold. */
export class ParkStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  async put(run: ParkOwner, park: ParkItem): Promise<void> {
    await this.#table.put({ ...parkKey(run, park), ...park });
  }

  async delete(run: ParkOwner, park: Pick<ParkItem, "token" | "holder">): Promise<void> {
    await this.#table.delete(parkKey(run, park));
  }

  /** Every token that waits for the flow's hold, shard by shard; from the base table, strongly consistent. */
  async *ofFlow(flow: FlowIdentity): AsyncGenerator<ParkItem> {
    for (let shard = 0; shard < INDEX_SHARDS; shard += 1) {
      const { PK } = keys.flowPark(flow.workspace, flow.flowId, flow.incarnation, shard, "", "");
      const key = { text: "PK = :partition", values: { ":partition": PK } };
      for await (const item of this.#table.query({ key })) yield item as unknown as ParkItem;
    }
  }

  /** Every token of the run, wherever it is parked; from the base table, strongly consistent. `own`: those for a user's pause, where they have been read. */
  async *ofRun(run: ParkOwner, own?: readonly ParkItem[]): AsyncGenerator<ParkItem> {
    // Both places at the same time: each is read after whatever the caller has written before.
    const flow = parkKey(run, { token: "", holder: "flow" });
    const held = this.#within(flow.PK, `${run.runId}#`);
    const first = held.next();
    first.catch(() => undefined); // whoever comes to it below is told
    if (own === undefined) {
      const { PK, SK } = keys.runPark(run.workspace, run.runId, "");
      yield* this.#within(PK, SK);
    } else yield* own;
    const { value, done } = await first;
    if (done !== true) yield value;
    yield* held;
  }

  async *#within(partition: string, prefix: string): AsyncGenerator<ParkItem> {
    for await (const item of this.#table.query({ key: within(partition, prefix) })) {
      yield item as unknown as ParkItem;
    }
  }
}

/** The key comes from the token, never from the visit: a visit may park many times, each time on a token of its own. */
const parkKey = (run: ParkOwner, park: Pick<ParkItem, "token" | "holder">): ItemKey => {
  const hash = digest(park.token);
  if (park.holder === "user") return keys.runPark(run.workspace, run.runId, hash);
  const shard = shardOf(run.runId, INDEX_SHARDS);
  return keys.flowPark(run.workspace, run.flowId, run.incarnation, shard, run.runId, hash);
};
