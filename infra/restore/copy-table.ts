import { isDeepStrictEqual } from "node:util";
import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandOutput,
  BatchWriteItemCommand,
  type BatchWriteItemCommandOutput,
  type DynamoDBClient,
  ScanCommand,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";
import { KEY } from "../../shared/store/table-definition.ts";

type Item = Record<string, AttributeValue>;

export interface CopyRequest {
  /** The restored table, which is only read. */
  readonly from: string;
  readonly to: string;
  /** The partition to copy, with everything below it (`W#acme`, `W#acme#F#order`); by default everything. */
  readonly only?: string | undefined;
  /** Restores only items that no longer exist. Changes and deletes nothing. */
  readonly missing?: boolean | undefined;
  /** Counts without writing. */
  readonly dryRun?: boolean | undefined;
}
export interface Copied {
  readonly put: number;
  readonly deleted: number;
  readonly unchanged: number;
}

const SEGMENTS = 8;
/** DynamoDB's limits for one call. */
const MAX_READ_BATCH = 100;
const MAX_WRITE_BATCH = 25;

/**
 * Makes one table equal to another: first puts the items of the source, then deletes those that the source lacks. An
 * interrupted copy has therefore lost nothing and can be started again. Equal items are not written. Nothing else may write at
 * the same time.
 */
export const copyTable = async (client: DynamoDBClient, request: CopyRequest): Promise<Copied> => {
  const count = { put: 0, deleted: 0, unchanged: 0 };
  const { from, to, dryRun, missing } = request;
  const apply = (writes: WriteRequest[]) => (dryRun === true ? undefined : write(client, to, writes));
  await eachBatch(client, from, request.only, async (items) => {
    const there = await read(client, to, items.map(keyOf));
    const stale = items.filter((item) => {
      const other = there.get(nameOf(item));
      return missing === true ? other === undefined : !isDeepStrictEqual(other, item);
    });
    count.put += stale.length;
    count.unchanged += items.length - stale.length;
    await apply(stale.map((Item) => ({ PutRequest: { Item } })));
  });
  if (missing === true) return count;
  await eachBatch(client, to, request.only, async (items) => {
    const there = await read(client, from, items.map(keyOf));
    const gone = items.filter((item) => !there.has(nameOf(item)));
    count.deleted += gone.length;
    await apply(gone.map((item) => ({ DeleteRequest: { Key: keyOf(item) } })));
  });
  return count;
};

const keyOf = (item: Item): Item =>
  Object.fromEntries(Object.values(KEY).map((name) => [name, item[name] ?? { NULL: true }]));
const nameOf = (item: Item): string =>
  Object.values(KEY)
    .map((name) => item[name]?.S)
    .join("\n");

/** Whether the key is `W#acme` or below it, but not `W#acme-2`. */
const isInside = (item: Item, only: string | undefined): boolean => {
  const partition = item[KEY.partition]?.S ?? "";
  return only === undefined || partition === only || partition.startsWith(`${only}#`);
};

const eachBatch = async (
  client: DynamoDBClient,
  TableName: string,
  only: string | undefined,
  work: (items: Item[]) => Promise<void>,
): Promise<void> => {
  const segment = async (Segment: number): Promise<void> => {
    let ExclusiveStartKey: Item | undefined;
    do {
      const page = await client.send(
        new ScanCommand({
          TableName,
          Segment,
          TotalSegments: SEGMENTS,
          ConsistentRead: true,
          ExclusiveStartKey,
        }),
      );
      const items = (page.Items ?? []).filter((item) => isInside(item, only));
      for (let at = 0; at < items.length; at += MAX_READ_BATCH)
        await work(items.slice(at, at + MAX_READ_BATCH));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey !== undefined);
  };
  await Promise.all(Array.from({ length: SEGMENTS }, (_, number) => segment(number)));
};

const read = async (client: DynamoDBClient, table: string, keys: Item[]): Promise<Map<string, Item>> => {
  const found = new Map<string, Item>();
  let left: Item[] | undefined = keys;
  while (left !== undefined && left.length > 0) {
    const answer: BatchGetItemCommandOutput = await client.send(
      new BatchGetItemCommand({ RequestItems: { [table]: { Keys: left, ConsistentRead: true } } }),
    );
    for (const item of answer.Responses?.[table] ?? []) found.set(nameOf(item), item);
    left = answer.UnprocessedKeys?.[table]?.Keys;
  }
  return found;
};

const write = async (client: DynamoDBClient, table: string, writes: WriteRequest[]): Promise<void> => {
  for (let at = 0; at < writes.length; at += MAX_WRITE_BATCH) {
    let left: WriteRequest[] | undefined = writes.slice(at, at + MAX_WRITE_BATCH);
    while (left !== undefined && left.length > 0) {
      const answer: BatchWriteItemCommandOutput = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
      );
      left = answer.UnprocessedItems?.[table];
    }
  }
};
