import {
  BatchWriteItemCommand,
  DynamoDBClient,
  ListTablesCommand,
  paginateScan,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { sdkConfig } from "../harness/ledger/stored-items.ts";
import { type RawItem, sdkItem } from "./release.ts";

const BATCH = 25;

export const textOf = (item: RawItem, attribute: string): string => item[attribute]?.S ?? "";
const keyOf = ({ PK, SK }: RawItem) => ({ PK, SK }) as RawItem;

/** The table of a local stack, accessed directly, in DynamoDB's own format. */
export class RawTable {
  readonly #client: DynamoDBClient;
  #name: string | undefined;

  constructor(url: string) {
    this.#client = new DynamoDBClient(sdkConfig(url, "dynamodb"));
  }
  close(): void {
    this.#client.destroy();
  }

  async name(): Promise<string> {
    this.#name ??= (await this.#client.send(new ListTablesCommand({}))).TableNames?.[0] ?? "";
    return this.#name;
  }

  async all(): Promise<RawItem[]> {
    const items: RawItem[] = [];
    const pages = paginateScan(
      { client: this.#client },
      { TableName: await this.name(), ConsistentRead: true },
    );
    for await (const page of pages) items.push(...(page.Items ?? []));
    return items;
  }

  /** Every item of some partitions, which are small. */
  async within(partitions: Iterable<string>): Promise<RawItem[]> {
    const TableName = await this.name();
    const pages = [...new Set(partitions)].map((partition) =>
      this.#client.send(
        new QueryCommand({
          ...{ TableName, ConsistentRead: true, KeyConditionExpression: "PK = :partition" },
          ExpressionAttributeValues: { ":partition": { S: partition } },
        }),
      ),
    );
    return (await Promise.all(pages)).flatMap(({ Items }) => Items ?? []);
  }

  put(items: readonly RawItem[]): Promise<void> {
    return this.#write(items.map((item) => ({ PutRequest: { Item: sdkItem(item) } })));
  }
  delete(items: readonly RawItem[]): Promise<void> {
    return this.#write(items.map((item) => ({ DeleteRequest: { Key: keyOf(item) } })));
  }

  async #write(writes: readonly object[]): Promise<void> {
    for (let from = 0; from < writes.length; from += BATCH) {
      const RequestItems = { [await this.name()]: writes.slice(from, from + BATCH) as never };
      await this.#client.send(new BatchWriteItemCommand({ RequestItems }));
    }
  }
}
