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
  /** The table that was restored to a point in time; it is read only. */
  readonly from: string;
  readonly to: string;
  /** Partition key of what is copied, with all that is inside of it (`W#acme`, `W#acme#F#order`); absent: everything. */
  readonly only?: string | undefined;
  /** Only what is not there any more is put back; nothing is changed or deleted. */
  readonly missing?: boolean | undefined;
  /** Counts, and writes nothing. */
  readonly dryRun?: boolean | undefined;
}
export interface Copied {
  readonly put: number;
  readonly deleted: number;
  readonly same: number;
}

const SEGMENTS = 8;
/** DynamoDB's own limits of one call. */
const READ_AT_ONCE = 100;
const WRITTEN_AT_ONCE = 25;

/**
 * Makes one table what another is: first what was there then, then the end of what was not, so that a copy that stops half-way has
 * lost nothing and is simply begun again. What is the same is not written. Nobody else may write meanwhile.
 */
export const copyTable = async (client: DynamoDBClient, request: CopyRequest): Promise<Copied> => {
  const count = { put: 0, deleted: 0, same: 0 };
  const { from, to, dryRun, missing } = request;
  const apply = (writes: WriteRequest[]) => (dryRun === true ? undefined : write(client, to, writes));
  await eachBatch(client, from, request.only, async (items) => {
    const there = await read(client, to, items.map(keyOf));
    const stale = items.filter((item) => {
      const other = there.get(nameOf(item));
      return missing === true ? other === undefined : !isDeepStrictEqual(other, item);
    });
    count.put += stale.length;
    count.same += items.length - stale.length;
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

/** `W#acme` and what is inside of it, not `W#acme-2`. */
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
      for (let at = 0; at < items.length; at += READ_AT_ONCE) await work(items.slice(at, at + READ_AT_ONCE));
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
  for (let at = 0; at < writes.length; at += WRITTEN_AT_ONCE) {
    let left: WriteRequest[] | undefined = writes.slice(at, at + WRITTEN_AT_ONCE);
    while (left !== undefined && left.length > 0) {
      const answer: BatchWriteItemCommandOutput = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [table]: left } }),
      );
      left = answer.UnprocessedItems?.[table];
    }
  }
};
