import { digest, shardOf } from "../../model/ids.ts";
import type { ChildPlace } from "../../model/machines/task-events.ts";
import { wholePartition, within } from "../expressions.ts";
import type { FlowIdentity } from "../flows/flow-item.ts";
import type { ItemKey } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { RunItem } from "./run-item.ts";

export interface ParkItem {
  readonly runId: string;
  readonly token: string;
  readonly state: string;
  readonly path: string;
  readonly entered: string;
  readonly parkedAt: string;
  /** The children of Distributed Maps around it. Their names are in the path too. */
  readonly child?: ChildPlace;
  /** The attempt whose execution has the token; absent for the run's first, and in parks of release 0.1. */
  readonly attempt?: number;
  /** The flow's version that the run is on. Absent in parks of release 0.1. */
  readonly version?: number;
  /** Whether it waits for the end of a user's pause or of the flow's hold. */
  readonly holder: "user" | "flow";
}

export type ParkOwner = Pick<RunItem, "workspace" | "runId" | "flowId" | "incarnation">;

/**
 * Parked task tokens. Those for a user's pause are items of the run, those for a hold are items of the flow. All reads are
 * strongly consistent.
 */
export class ParkStore extends TableStore {
  async put(run: ParkOwner, park: ParkItem): Promise<void> {
    await this.table.put({ ...parkKey(run, park), ...park });
  }

  async delete(run: ParkOwner, park: Pick<ParkItem, "token" | "holder">): Promise<void> {
    await this.table.delete(parkKey(run, park));
  }

  /** Returns every token that waits for the flow's hold, shard by shard. `page`: how many are read at once at most, for a caller that stops early. */
  async *ofFlow(flow: FlowIdentity, page = Number.POSITIVE_INFINITY): AsyncGenerator<ParkItem> {
    const limit = Number.isFinite(page) ? { limit: Math.max(page, 1) } : {};
    for (let shard = 0; shard < INDEX_SHARDS; shard += 1) {
      const { PK } = keys.flowPark(flow.workspace, flow.flowId, flow.incarnation, shard, "", "");
      for await (const item of this.table.query({ key: wholePartition(PK), ...limit }))
        yield item as unknown as ParkItem;
    }
  }

  /** Returns every token of the run. `own`: the tokens that wait for a user's pause, if the caller has read them. */
  async *ofRun(run: ParkOwner, own?: readonly ParkItem[]): AsyncGenerator<ParkItem> {
    // Both reads start now, after everything that the caller has written.
    const flow = parkKey(run, { token: "", holder: "flow" });
    const forFlow = this.#within(flow.PK, `${run.runId}#`);
    const first = forFlow.next();
    first.catch(() => undefined); // thrown where it is awaited below
    if (own === undefined) {
      const { PK, SK } = keys.runPark(run.workspace, run.runId, "");
      yield* this.#within(PK, SK);
    } else yield* own;
    const { value, done } = await first;
    if (done !== true) yield value;
    yield* forFlow;
  }

  async *#within(partition: string, prefix: string): AsyncGenerator<ParkItem> {
    for await (const item of this.table.query({ key: within(partition, prefix) })) {
      yield item as unknown as ParkItem;
    }
  }
}

/** The key is derived from the token, not from the visit, which may park many times, each time with another token. */
const parkKey = (run: ParkOwner, park: Pick<ParkItem, "token" | "holder">): ItemKey => {
  const hash = digest(park.token);
  if (park.holder === "user") return keys.runPark(run.workspace, run.runId, hash);
  const shard = shardOf(run.runId, INDEX_SHARDS);
  return keys.flowPark(run.workspace, run.flowId, run.incarnation, shard, run.runId, hash);
};
