import { CreateTableCommand, DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { PLACEHOLDER_SIGNATURE } from "../../../local/aws/placeholder-signature.ts";
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
/** For this client alone: all tests together make about a million calls. */
const UNSIGNED: DynamoDBClientConfig["signer"] = {
  async sign(request) {
    return Object.assign(request, { headers: { ...request.headers, ...PLACEHOLDER_SIGNATURE } });
  },
};

export const startTestTable = async (): Promise<TestTable> => {
  const engine = await startEngine(":memory:", (line) => console.error(line));
  const endpoint = engine.endpoint().href;
  const client = new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: CREDENTIALS,
    signer: UNSIGNED,
  });
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
