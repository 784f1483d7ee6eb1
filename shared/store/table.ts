import { setTimeout } from "node:timers/promises";
import { ConditionalCheckFailedException, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
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
import { cancellationOf } from "../aws/aws-errors.ts";
import { type Change, type Clause, updateExpression } from "./expressions.ts";

/** DynamoDB's own limit. */
const MAX_BATCH_GET = 100;
const MAX_BATCH_WRITE = 25;

export type Item = Record<string, unknown>;
export interface ItemKey {
  readonly PK: string;
  readonly SK: string;
}

/** A refused write hands back the item as it was, so that no second read is needed. */
export type Written =
  | { readonly ok: true; readonly item: Item }
  | { readonly ok: false; readonly old?: Item };

export interface QueryRange {
  readonly index?: string;
  readonly key: Clause;
  readonly newestFirst?: boolean;
  readonly limit?: number;
  readonly from?: Item;
  /** Leaves out others after they are read; its values stand with the key's. */
  readonly filter?: string;
  /** Nothing but the primary key. */
  readonly keysOnly?: boolean;
}

/** Writes of a transaction, for the table of this name. */
export type TransactionWrites = (
  tableName: string,
) => NonNullable<TransactWriteCommandInput["TransactItems"]>;

/** What the stores ask of DynamoDB. Reads are strongly consistent unless an index is asked. */
export class Table {
  readonly #client: DynamoDBDocumentClient;
  readonly #name: string;

  constructor(client: DynamoDBClient, name: string) {
    this.#client = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
    this.#name = name;
  }

  /** `only`: this attribute and no other. */
  async get(key: ItemKey, only?: string): Promise<Item | undefined> {
    const answer = await this.#client.send(
      new GetCommand({
        TableName: this.#name,
        Key: key,
        ConsistentRead: true,
        ...(only === undefined
          ? {}
          : { ProjectionExpression: "#only", ExpressionAttributeNames: { "#only": only } }),
      }),
    );
    return answer.Item;
  }

  /** Those of the items that exist, in no order; any number of keys, strongly consistent. */
  async getMany(keys: readonly ItemKey[]): Promise<Item[]> {
    const items: Item[] = [];
    let open = keys.map(({ PK, SK }): Record<string, unknown> => ({ PK, SK }));
    for (let tries = 0; open.length > 0; tries += 1) {
      const answer = await this.#client.send(
        new BatchGetCommand({
          RequestItems: { [this.#name]: { Keys: open.slice(0, MAX_BATCH_GET), ConsistentRead: true } },
        }),
      );
      const found = answer.Responses?.[this.#name] ?? [];
      items.push(...found);
      const left = answer.UnprocessedKeys?.[this.#name]?.Keys ?? [];
      if (left.length > 0) await pause(tries);
      open = [...left, ...open.slice(MAX_BATCH_GET)];
    }
    return items;
  }

  async put(item: Item & ItemKey): Promise<void> {
    await this.#client.send(new PutCommand({ TableName: this.#name, Item: item }));
  }

  /** Returns false, and changes nothing, where the item exists. */
  async putIfAbsent(item: Item & ItemKey): Promise<boolean> {
    try {
      await this.#client.send(
        new PutCommand({
          TableName: this.#name,
          Item: item,
          ConditionExpression: "attribute_not_exists(PK)",
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  async delete({ PK, SK }: ItemKey): Promise<void> {
    await this.#client.send(new DeleteCommand({ TableName: this.#name, Key: { PK, SK } }));
  }

  /** Deletes whatever of these is there, in no order; any number of keys. */
  async deleteMany(keys: readonly ItemKey[]): Promise<void> {
    let open = keys.map(({ PK, SK }) => ({ DeleteRequest: { Key: { PK, SK } as Record<string, unknown> } }));
    let throttled = 0;
    while (open.length > 0) {
      const answer = await this.#client.send(
        new BatchWriteCommand({ RequestItems: { [this.#name]: open.slice(0, MAX_BATCH_WRITE) } }),
      );
      const left = (answer.UnprocessedItems?.[this.#name] ?? []) as typeof open;
      throttled = left.length === 0 ? 0 : throttled + 1;
      if (throttled > 0) await pause(throttled - 1);
      open = [...left, ...open.slice(MAX_BATCH_WRITE)];
    }
  }

  /** Deletes the item where the clause holds of it; false where it does not, or there is none. */
  async deleteIf({ PK, SK }: ItemKey, when: Clause): Promise<boolean> {
    try {
      await this.#client.send(
        new DeleteCommand({
          TableName: this.#name,
          Key: { PK, SK },
          ConditionExpression: when.text,
          ExpressionAttributeNames: when.names,
          ExpressionAttributeValues: when.values,
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  /** Adds to numbers of an item, which is made where there is none; answers the item as it is then. Not idempotent. */
  async add({ PK, SK }: ItemKey, amounts: Readonly<Record<string, number>>): Promise<Item> {
    const names = Object.keys(amounts);
    const answer = await this.#client.send(
      new UpdateCommand({
        TableName: this.#name,
        Key: { PK, SK },
        UpdateExpression: `ADD ${names.map((_, index) => `#n${index} :n${index}`).join(", ")}`,
        ExpressionAttributeNames: Object.fromEntries(names.map((name, index) => [`#n${index}`, name])),
        ExpressionAttributeValues: Object.fromEntries(
          names.map((name, index) => [`:n${index}`, amounts[name]]),
        ),
        ReturnValues: "ALL_NEW",
      }),
    );
    return answer.Attributes ?? {};
  }

  async update(key: ItemKey, change: Change): Promise<Written> {
    const expression = updateExpression(change);
    try {
      const answer = await this.#client.send(
        new UpdateCommand({
          TableName: this.#name,
          Key: key,
          ...expression,
          ReturnValues: "ALL_NEW",
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        }),
      );
      return { ok: true, item: answer.Attributes ?? {} };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      return error.Item === undefined ? { ok: false } : { ok: false, old: unmarshall(error.Item) };
    }
  }

  /** One page, with the key to go on from. */
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

  /** Every item of a range of one partition, page by page. */
  async *query(range: QueryRange): AsyncGenerator<Item> {
    let from = range.from;
    do {
      const page = await this.queryPage(from === undefined ? range : { ...range, from });
      yield* page.items;
      from = page.next;
    } while (from !== undefined);
  }

  /**
   * Writes all items or none. For items that are never hot: two transactions on one item conflict. Throws the SDK's error when the
   * transaction is cancelled; `cancellationOf` reads it.
   */
  async transact(writes: TransactionWrites): Promise<void> {
    await this.#client.send(new TransactWriteCommand({ TransactItems: writes(this.#name) }));
  }

  /** Returns false, with nothing written, when a condition fails or another write of one of the items is in progress. */
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

/** A throttled batch comes back whole: give the table time, then let the next try through. */
const pause = (tries: number): Promise<void> => setTimeout(Math.min(25 * 2 ** Math.min(tries, 6), 1_000));
