import { setTimeout } from "node:timers/promises";
import { BatchGetCommand, BatchWriteCommand, type DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Item, ItemKey } from "./keys.ts";

/** DynamoDB's limits for one call. */
const MAX_BATCH_GET = 100;
const MAX_BATCH_WRITE = 25;

/** The delay before DynamoDB is asked again for the part of a batch that it throttled. */
const backoff = (tries: number): Promise<void> => setTimeout(Math.min(25 * 2 ** Math.min(tries, 6), 1_000));

/** Returns the items that exist, unordered and strongly consistent. */
export const batchGet = async (
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly ItemKey[],
): Promise<Item[]> => {
  const items: Item[] = [];
  let open = keys.map(({ PK, SK }): Record<string, unknown> => ({ PK, SK }));
  for (let tries = 0; open.length > 0; tries += 1) {
    const answer = await client.send(
      new BatchGetCommand({
        RequestItems: { [table]: { Keys: open.slice(0, MAX_BATCH_GET), ConsistentRead: true } },
      }),
    );
    items.push(...(answer.Responses?.[table] ?? []));
    const unprocessed = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    if (unprocessed.length > 0) await backoff(tries);
    open = [...unprocessed, ...open.slice(MAX_BATCH_GET)];
  }
  return items;
};

/** Deletes the items that exist, in no particular order. */
export const batchDelete = async (
  client: DynamoDBDocumentClient,
  table: string,
  keys: readonly ItemKey[],
): Promise<void> => {
  let open = keys.map(({ PK, SK }) => ({ DeleteRequest: { Key: { PK, SK } as Record<string, unknown> } }));
  let throttled = 0;
  while (open.length > 0) {
    const answer = await client.send(
      new BatchWriteCommand({ RequestItems: { [table]: open.slice(0, MAX_BATCH_WRITE) } }),
    );
    const unprocessed = (answer.UnprocessedItems?.[table] ?? []) as typeof open;
    throttled = unprocessed.length === 0 ? 0 : throttled + 1;
    if (throttled > 0) await backoff(throttled - 1);
    open = [...unprocessed, ...open.slice(MAX_BATCH_WRITE)];
  }
};
