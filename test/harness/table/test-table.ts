import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type HttpRequest, HttpResponse } from "@smithy/core/transport";
import { lightened } from "../../../local/aws/light-client.ts";
import { type DynamoDbEngine, startEngine } from "../../../local/dynamodb/dynoxide.ts";
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
/** Sends requests over the connections of the local stack, which cost less than Node's: all tests together make about a million calls. */
const sender = (engine: DynamoDbEngine) => ({
  async handle({ headers, body }: HttpRequest) {
    const { "content-length": _length, ...others } = headers;
    const bytes =
      typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
    const answer = await engine.send(others, bytes);
    const { status: statusCode, headers: answered } = answer;
    return { response: new HttpResponse({ statusCode, headers: { ...answered }, body: answer.body }) };
  },
});

export const startTestTable = async (): Promise<TestTable> => {
  const engine = await startEngine(":memory:", (line) => console.error(line));
  const endpoint = engine.endpoint().href;
  const options = { endpoint, region: "us-east-1", credentials: CREDENTIALS };
  const client = lightened(new DynamoDBClient({ ...options, requestHandler: sender(engine) }));
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
