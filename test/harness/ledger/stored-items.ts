import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";

/** AWS SDK settings that point a client at a service of the local stack. */
export const sdkConfig = (url: string, service: string) => ({
  endpoint: `${url}/aws/${service}`,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

/** Every item of the table, read past Sluice, over the given client or one of its own. */
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

type Item = Readonly<Record<string, unknown>>;

export const isPark = ({ PK, SK }: Item): boolean => /^P#/.test(String(SK)) || /#P#\d+$/.test(String(PK));
export const isQueued = ({ PK }: Item): boolean => /#Q#\d+$/.test(String(PK));
export const isOpenIntent = ({ intent, deleted }: Item): boolean => intent !== undefined && deleted !== true;

/** Parks, queued records and intents. None may be left once nothing is in progress and nothing is held. */
export const leftovers = async (url: string): Promise<Item[]> =>
  (await allItems(url)).filter((item) => isPark(item) || isQueued(item) || isOpenIntent(item));
