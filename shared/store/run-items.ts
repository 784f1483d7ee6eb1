import { shardOf } from "../model/ids.ts";
import { type ItemKey, type Table, within } from "./client.ts";
import { queueItem } from "./queues.ts";
import type { RunRecord } from "./records.ts";
import { INDEX_SHARDS, keys } from "./table.ts";

/** Keys of all that stands for a run beside its own item: in its partition, among its flow's parks, in its flow's queue. */
export const keysBeside = async (table: Table, run: RunRecord): Promise<ItemKey[]> => {
  const { workspace, runId, flowId, incarnation, queuedAt } = run;
  const own = keys.run(workspace, runId);
  const parks = keys.flowPark(workspace, flowId, incarnation, shardOf(runId, INDEX_SHARDS), runId, "");
  const ranges = [{ text: "PK = :partition", values: { ":partition": own.PK } }, within(parks.PK, parks.SK)];
  const found: ItemKey[] = [];
  for (const key of ranges) {
    for await (const { PK, SK } of table.query({ key, keysOnly: true })) {
      if (SK !== own.SK) found.push({ PK: String(PK), SK: String(SK) });
    }
  }
  if (queuedAt === undefined) return found;
  const { PK, SK } = queueItem({ workspace, flowId, incarnation }, { runId, time: queuedAt, nonce: "" });
  return [...found, { PK, SK }];
};
