import { shardOf } from "../../model/ids.ts";
import { between, wholePartition, within } from "../expressions.ts";
import { queueItem, queuePlace } from "../flows/queues.ts";
import type { ItemKey } from "../keys.ts";
import { keys } from "../keys.ts";
import { slotQueueKey } from "../slots/slot-queue.ts";
import type { Table } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { ParkItem } from "./parks.ts";
import { attributeKeys } from "./run-attributes.ts";
import type { RunItem } from "./run-item.ts";
import type { StepItem } from "./step-item.ts";
import { stepItemOf } from "./steps.ts";

/** The output of an ended run as JSON text, or its whole error. */
export interface OutputItem {
  readonly output?: string;
  /** States whose output is the flow's output. */
  readonly after?: readonly string[];
  /** States that completed before the flow's end, but whose output was changed by states in between. */
  readonly completed?: readonly string[];
  readonly error?: string;
  readonly cause?: string;
}

/** The items of a run's partition other than the run item, the payload and the audit. */
export interface RunContents {
  readonly output?: OutputItem;
  /** In order of time. */
  readonly steps: readonly StepItem[];
  /** Those that wait for the end of a user's pause. */
  readonly parks: readonly ParkItem[];
}

/** Reads the contents in one query: their keys are adjacent, from the output to the last step. */
export const readContents = async (table: Table, workspace: string, runId: string): Promise<RunContents> => {
  const { PK, SK: first } = keys.output(workspace, runId);
  const steps: StepItem[] = [];
  const parks: ParkItem[] = [];
  let output: OutputItem | undefined;
  const key = between(PK, first, keys.step(workspace, runId, "~").SK);
  for await (const item of table.query({ key })) {
    const SK = String(item["SK"]);
    if (SK === first) output = item as OutputItem;
    else if (SK.startsWith("S#")) steps.push(stepItemOf(item));
    else if (SK.startsWith("P#")) parks.push(item as unknown as ParkItem);
  }
  return { steps, parks, ...(output === undefined ? {} : { output }) };
};

/** Returns the keys of everything that belongs to a run: in its partition, among its flow's parks, in its flow's queue and among its attributes. */
export const relatedKeys = async (table: Table, run: RunItem): Promise<ItemKey[]> => {
  const { workspace, runId, flowId, incarnation, queuedAt, waitsFor } = run;
  const own = keys.run(workspace, runId);
  const parks = keys.flowPark(workspace, flowId, incarnation, shardOf(runId, INDEX_SHARDS), runId, "");
  const ranges = [wholePartition(own.PK), within(parks.PK, parks.SK)];
  const found: ItemKey[] = attributeKeys(run);
  for (const key of ranges) {
    for await (const { PK, SK } of table.query({ key, keysOnly: true })) {
      if (SK !== own.SK) found.push({ PK: String(PK), SK: String(SK) });
    }
  }
  if (queuedAt === undefined) return found;
  const place = queuePlace(run, queuedAt);
  const { PK, SK } = queueItem(run, { ...place, nonce: "" });
  return [...found, { PK, SK }, ...(waitsFor === undefined ? [] : [slotQueueKey(run, waitsFor, place)])];
};
