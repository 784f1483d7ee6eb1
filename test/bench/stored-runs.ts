import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { newRun } from "../../shared/domain/new-run.ts";
import { ending } from "../../shared/domain/run-changes.ts";
import { iso } from "../../shared/model/clock.ts";
import { randomIds } from "../../shared/model/ids.ts";
import { SYSTEM } from "../../shared/model/system-actor.ts";
import { applyMoves, newItem } from "../../shared/store/run-item.ts";
import { sdkConfig } from "../support/leftovers.ts";
import { note } from "./report.ts";

const TABLE = "sluice";
const BATCH = 25;
const AT_ONCE = 4;
const TOLD_EVERY = 50_000;

/** Puts runs that have completed into the table, past Sluice and in the form in which it writes them, a second apart in the past. */
export const storeRuns = async (
  url: string,
  flow: { readonly workspace: string; readonly flowId: string; readonly incarnation: string },
  from: number,
  to: number,
): Promise<void> => {
  const client = new DynamoDBClient(sdkConfig(url, "dynamodb"));
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  const began = Date.now() - 86_400_000;
  let next = from;
  const writer = async (): Promise<void> => {
    while (next < to) {
      const first = next;
      next = Math.min(first + BATCH, to);
      const items = Array.from({ length: next - first }, (_, i) =>
        completed(flow, began - (first + i) * 1_000),
      );
      const RequestItems = { [TABLE]: items.map((Item) => ({ PutRequest: { Item } })) };
      await documents.send(new BatchWriteCommand({ RequestItems }));
      if (Math.floor(next / TOLD_EVERY) > Math.floor(first / TOLD_EVERY))
        note(`${next} of ${to} runs stored`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, writer));
  } finally {
    client.destroy();
  }
};

const completed = (
  flow: { readonly workspace: string; readonly flowId: string; readonly incarnation: string },
  at: number,
): Record<string, unknown> => {
  const record = newRun(
    {
      ...{ ...flow, runId: randomIds.runId(at), version: 1, runAs: "user" },
      startedBy: { kind: "user", id: "admin" },
    },
    at,
    randomIds,
  );
  const entry = { at: iso(at), actor: SYSTEM };
  const { set, remove } = ending(at);
  const moves = [
    { move: "begin", entry },
    { move: "complete", entry },
  ] as const;
  return newItem(applyMoves(record, moves, { set, remove: [...remove, "intent"] }).next);
};
