import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";

/** AWS SDK settings that point a client at a service of the local stack. */
export const sdkConfig = (url: string, service: string) => ({
  endpoint: `${url}/aws/${service}`,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

/** Every item of the table, read past Sluice; over a client of its own, unless one is given. */
export const allItems = async (url: string, given?: DynamoDBClient): Promise<Record<string, unknown>[]> => {
  const client = given ?? new DynamoDBClient(sdkConfig(url, "dynamodb"));
  try {
    const tables = (await client.send(new ListTablesCommand({}))).TableNames ?? [];
    const items: Record<string, unknown>[] = [];
    for (const TableName of tables) {
      const pages = paginateScan(
        { client: DynamoDBDocumentClient.from(client) },
        { TableName, ConsistentRead: true },
      );
      for await (const page of pages) items.push(...(page.Items ?? []));
    }
    return items;
  } finally {
    if (given === undefined) client.destroy();
  }
};

/** What must not be left when everything is at rest: parks, queue items, intents. */
export const leftovers = async (url: string): Promise<unknown[]> =>
  (await allItems(url)).filter(
    (item) =>
      /^P#/.test(String(item["SK"])) ||
      /#[PQ]#\d+$/.test(String(item["PK"])) ||
      (item["intent"] !== undefined && item["deleted"] !== true),
  );
