import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { startEngine } from "../../../local/dynamodb/dynoxide.ts";
import { tableDefinition } from "../../../local/dynamodb/table.ts";

/** A DynamoDB of the test's own, in memory, with the table. */
export interface TestTable {
  readonly endpoint: string;
  readonly name: string;
  readonly client: DynamoDBClient;
  close(): Promise<void>;
}

const NAME = "sluice-test";
const CREDENTIALS = { accessKeyId: "test", secretAccessKey: "test" };

export const startTestTable = async (): Promise<TestTable> => {
  const engine = await startEngine(":memory:", (line) => console.error(line));
  const endpoint = engine.endpoint().href;
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials: CREDENTIALS });
  await client.send(new CreateTableCommand(tableDefinition(NAME)));
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
