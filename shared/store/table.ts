import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  type TransactWriteCommandInput,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { cancellationOf, isUnstorable } from "../aws/aws-errors.ts";
import { batchDelete, batchGet } from "./batches.ts";
import { type Change, type Clause, updateExpression } from "./expressions.ts";
import type { Item, ItemKey } from "./keys.ts";

/** A rejected write returns the item as it was, so that nobody has to read it again. */
export type WriteResult =
  | { readonly ok: true; readonly item: Item }
  | { readonly ok: false; readonly old?: Item };

export interface QueryRange {
  readonly index?: string;
  readonly key: Clause;
  readonly newestFirst?: boolean;
  readonly limit?: number;
  readonly from?: Item;
  /** Drops items after they are read. Its values are among those of `key`. */
  readonly filter?: string;
  /** Returns the primary key only. */
  readonly keysOnly?: boolean;
}

/** Returns the writes of a transaction on the table of this name. */
type TransactionWrites = (tableName: string) => NonNullable<TransactWriteCommandInput["TransactItems"]>;

/** Returns false if the write's condition failed. */
const unlessRejected = async (write: Promise<unknown>): Promise<boolean> => {
  try {
    await send(write);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

/**
 * A write that DynamoDB rejects because of its content, such as text that is not Unicode or an item that is too large. A retry
 * would be rejected too, so nobody may repeat it.
 */
export class UnstorableError extends Error {
  static readonly ERROR = "Sluice.NotStorable";
  override readonly name = UnstorableError.ERROR;
  constructor(cause: unknown) {
    super("DynamoDB rejects an item of the run because of its content or size", { cause });
  }
}

/** Sends a write, and distinguishes a refusal that every retry would get from other errors. */
const send = async <T>(write: Promise<T>): Promise<T> => {
  try {
    return await write;
  } catch (error) {
    throw isUnstorable(error) ? new UnstorableError(error) : error;
  }
};

/** Access to the DynamoDB table. Reads are strongly consistent, except those of an index. */
export class Table {
  readonly #client: DynamoDBDocumentClient;
  readonly #name: string;

  constructor(client: DynamoDBClient, name: string) {
    this.#client = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    this.#name = name;
  }

  /** Reads an item, or one attribute of it. */
  async get(key: ItemKey, attribute?: string): Promise<Item | undefined> {
    const answer = await this.#client.send(
      new GetCommand({
        TableName: this.#name,
        Key: key,
        ConsistentRead: true,
        ...(attribute === undefined
          ? {}
          : { ProjectionExpression: "#attribute", ExpressionAttributeNames: { "#attribute": attribute } }),
      }),
    );
    return answer.Item;
  }

  /** Reads an item as what `of` makes of it. */
  async read<Thing>(key: ItemKey, of: (item: Item) => Thing): Promise<Thing | undefined> {
    const item = await this.get(key);
    return item && of(item);
  }

  /** Returns the items that exist, unordered, for any number of keys. */
  getMany(keys: readonly ItemKey[]): Promise<Item[]> {
    return batchGet(this.#client, this.#name, keys);
  }

  async put(item: Item & ItemKey): Promise<void> {
    await send(this.#client.send(new PutCommand({ TableName: this.#name, Item: item })));
  }

  /** Returns false, and changes nothing, if the item exists. */
  putIfAbsent(item: Item & ItemKey): Promise<boolean> {
    const ConditionExpression = "attribute_not_exists(PK)";
    return unlessRejected(
      this.#client.send(new PutCommand({ TableName: this.#name, Item: item, ConditionExpression })),
    );
  }

  async delete({ PK, SK }: ItemKey): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#name, Key: { PK, SK } }));
  }

  /** Deletes the items that exist, in no particular order, for any number of keys. */
  deleteMany(keys: readonly ItemKey[]): Promise<void> {
    return batchDelete(this.#client, this.#name, keys);
  }

  /** Deletes the item if the condition holds; returns false if it does not, or if there is no such item. */
  deleteIf({ PK, SK }: ItemKey, when: Clause): Promise<boolean> {
    return unlessRejected(
      this.#client.send(
        new DeleteCommand({
          TableName: this.#name,
          Key: { PK, SK },
          ConditionExpression: when.text,
          ExpressionAttributeNames: when.names,
          ExpressionAttributeValues: when.values,
        }),
      ),
    );
  }

  /** Adds to numbers of an item, which is created if it does not exist, and returns the item. Not idempotent. */
  async add(key: ItemKey, amounts: Readonly<Record<string, number>>): Promise<Item> {
    const { PK, SK } = key;
    const answer = await this.#client.send(
      new UpdateCommand({
        TableName: this.#name,
        Key: { PK, SK },
        ...updateExpression({ add: amounts, when: [] }),
        ReturnValues: "ALL_NEW",
      }),
    );
    return answer.Attributes ?? {};
  }

  async update(key: ItemKey, change: Change): Promise<WriteResult> {
    try {
      const answer = await send(
        this.#client.send(
          new UpdateCommand({
            TableName: this.#name,
            Key: key,
            ...updateExpression(change),
            ReturnValues: "ALL_NEW",
            ReturnValuesOnConditionCheckFailure: "ALL_OLD",
          }),
        ),
      );
      return { ok: true, item: answer.Attributes ?? {} };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item === undefined ? { ok: false } : { ok: false, old: unmarshall(error.Item) };
    }
  }

  /** Returns one page, with the key that starts the next one. */
  async queryPage(range: QueryRange): Promise<{ items: Item[]; next?: Item }> {
    const answer = await this.#client.send(
      new QueryCommand({
        TableName: this.#name,
        IndexName: range.index,
        KeyConditionExpression: range.key.text,
        FilterExpression: range.filter,
        ExpressionAttributeNames: range.key.names,
        ExpressionAttributeValues: range.key.values,
        ScanIndexForward: range.newestFirst !== true,
        ConsistentRead: range.index === undefined,
        Limit: range.limit,
        ExclusiveStartKey: range.from,
        ...(range.keysOnly ? { ProjectionExpression: "PK, SK" } : {}),
      }),
    );
    const items = answer.Items ?? [];
    return answer.LastEvaluatedKey === undefined ? { items } : { items, next: answer.LastEvaluatedKey };
  }

  /** Reads every item of a range of one partition, page by page. */
  async *query(range: QueryRange): AsyncGenerator<Item> {
    let from = range.from;
    do {
      const page = await this.queryPage(from === undefined ? range : { ...range, from });
      yield* page.items;
      from = page.next;
    } while (from !== undefined);
  }

  /**
   * Reads at most `limit` items of a range. A page may have fewer than DynamoDB was asked for, or none, even if more follow.
   */
  async first(range: QueryRange & { readonly limit: number }): Promise<Item[]> {
    const items: Item[] = [];
    for await (const item of this.query(range)) {
      items.push(item);
      if (items.length >= range.limit) break;
    }
    return items;
  }

  /**
   * Writes all items or none. For items that are never hot, since two transactions on one item conflict. Throws the SDK's error
   * if the transaction is cancelled; `cancellationOf` reads it.
   */
  async transact(writes: TransactionWrites): Promise<void> {
    await send(this.#client.send(new TransactWriteCommand({ TransactItems: writes(this.#name) })));
  }

  /** Returns false, with nothing written, if a condition fails or another write of one of the items is in progress. */
  async tryTransact(writes: TransactionWrites): Promise<boolean> {
    try {
      await this.transact(writes);
      return true;
    } catch (error) {
      const cancellation = cancellationOf(error);
      if (cancellation?.conditionFailed() === true || cancellation?.conflict === true) return false;
      throw error;
    }
  }
}

/** A part of the table, with the operations on its items. */
export abstract class TableStore {
  protected readonly table: Table;
  constructor(table: Table) {
    this.table = table;
  }
}
