import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startEngine } from "../../infra/local/dynamodb/engine.ts";
import { INDEXES, KEY } from "../../shared/store/table.ts";

/** A DynamoDB of the test's own, in memory, with the table. */
export interface TestTable {
  readonly endpoint: string;
  readonly name: string;
  readonly client: DynamoDBClient;
  close(): Promise<void>;
}

const NAME = "sluice-test";
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

const definition = (): CreateTableCommandInput => {
  const indexes = Object.values(INDEXES);
  const attributes = new Set<string>([
    KEY.partition,
    KEY.sort,
    ...indexes.flatMap((index) => [index.partition, index.sort]),
  ]);
  return {
    TableName: NAME,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    KeySchema: [
      { AttributeName: KEY.partition, KeyType: "HASH" },
      { AttributeName: KEY.sort, KeyType: "RANGE" },
    ],
    GlobalSecondaryIndexes: indexes.map(({ name, partition, sort, include }) => ({
      IndexName: name,
      KeySchema: [
        { AttributeName: partition, KeyType: "HASH" },
        { AttributeName: sort, KeyType: "RANGE" },
      ],
      Projection:
        include.length === 0
          ? { ProjectionType: "KEYS_ONLY" }
          : { ProjectionType: "INCLUDE", NonKeyAttributes: [...include] },
    })),
  };
};

export const startTestTable = async (): Promise<TestTable> => {
  const engine = await startEngine(":memory:", (line) => console.error(line));
  const endpoint = engine.endpoint().href;
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: CREDENTIALS });
  await client.send(new CreateTableCommand(definition()));
  return {
    endpoint,
    name: NAME,
    client,
    async close() {
      client.destroy();
      await engine.close();
    },
  };
};
