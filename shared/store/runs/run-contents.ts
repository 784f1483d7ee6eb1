import { shardOf } from "../../model/ids.ts";
import { within } from "../expressions.ts";
import { queueItem } from "../flows/queues.ts";
import { keys } from "../keys.ts";
import type { ItemKey, Table } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { ParkItem } from "./parks.ts";
import type { RunItem } from "./run-item.ts";
import type { StepItem } from "./step-item.ts";
import { stepItemOf } from "./steps.ts";

/** The item beside a run that is over: its output as JSON text, or the whole of its error. */
export interface OutputItem {
  readonly output?: string;
  /** States whose output the flow's output is. */
  readonly after?: readonly string[];
  readonly error?: string;
  readonly cause?: string;
}

/** What stands in a run's partition beside the run, but for its payload and its audit. */
export interface RunContents {
  readonly output?: OutputItem;
  /** In order of time. */
  readonly steps: readonly StepItem[];
  /** Those for a user's pause. */
  readonly parks: readonly ParkItem[];
}

/** One query, since these lie side by side, from the output to the last step. */
export const contentsOf = async (table: Table, workspace: string, runId: string): Promise<RunContents> => {
  const { PK, SK: first } = keys.output(workspace, runId);
  const steps: StepItem[] = [];
  const parks: ParkItem[] = [];
  let output: OutputItem | undefined;
  const key = {
    text: "PK = :partition AND SK BETWEEN :first AND :last",
    values: { ":partition": PK, ":first": first, ":last": keys.step(workspace, runId, "~").SK },
  };
  for await (const item of table.query({ key })) {
    const SK = String(item["SK"]);
    if (SK === first) output = item as OutputItem;
    else if (SK.startsWith("S#")) steps.push(stepItemOf(item));
    else if (SK.startsWith("P#")) parks.push(item as unknown as ParkItem);
  }
  return { steps, parks, ...(output === undefined ? {} : { output }) };
};

/** Keys of all that stands for a run beside its own item: in its partition, among its flow's parks, in its flow's queue. */
export const keysBeside = async (table: Table, run: RunItem): Promise<ItemKey[]> => {
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
