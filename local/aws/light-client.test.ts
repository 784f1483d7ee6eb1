import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  ScanCommand,
  TransactGetCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { HttpResponse } from "@smithy/core/transport";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lightened } from "./light-client.ts";

interface Sent {
  readonly path: string;
  readonly hostname: string;
  readonly port: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A client whose engine gives the answers in turn, and what it was sent. */
const clientOf = (adapt: (client: DynamoDBClient) => DynamoDBClient, ...answers: readonly Answer[]) => {
  const sent: Sent[] = [];
  const requestHandler = {
    handle: async (request: Sent) => {
      sent.push(request);
      const { status = 200, text } = answers[Math.min(sent.length, answers.length) - 1] ?? { text: "{}" };
      const headers = { "x-amzn-requestid": `request ${sent.length}` };
      return { response: new HttpResponse({ statusCode: status, headers, body: Buffer.from(text) }) };
    },
  };
  const options: DynamoDBClientConfig = {
    ...{ endpoint: "http://127.0.0.1:8000/aws/dynamodb", region: "us-east-1", requestHandler },
    ...{ credentials: { accessKeyId: "a", secretAccessKey: "b" } },
  };
  const client = DynamoDBDocumentClient.from(adapt(new DynamoDBClient(options)), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return { client, sent };
};
interface Answer {
  readonly status?: number;
  readonly text: string;
}

const whole = (client: DynamoDBClient): DynamoDBClient => client;
const TableName = "t";
const key = { PK: "a", SK: "b" };
const written = (body: Sent["body"]) => JSON.parse(Buffer.from(body).toString()) as object;
const placeOf = ({ path, hostname, port, headers }: Sent) => [path, hostname, port, headers["x-amz-target"]];

/** Values as an item may contain them. */
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.string({ unit: "grapheme" }),
    fc.constantFrom('"B":{', '"B":"', "null", "\u2028"),
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }),
    ...[
      fc.boolean(),
      fc.constant(null),
      fc.constant(undefined),
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
    ],
    fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 3 }).map((some) => new Set(some)),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom("B", "BS", "S", "ConsumedCapacity"), fc.string()), tie("any"), {
      maxKeys: 3,
    }),
  ),
})).any;
const item = fc.dictionary(fc.string({ minLength: 1 }), value, { maxKeys: 4, noNullPrototype: true });

const commandsWith = (some: Record<string, unknown>) => [
  new GetCommand({ TableName, Key: key, ConsistentRead: true, ProjectionExpression: undefined }),
  new PutCommand({ TableName, Item: { ...some, ...key }, ConditionExpression: "attribute_not_exists(PK)" }),
  new UpdateCommand({
    ...{ TableName, Key: key, UpdateExpression: "SET #a = :a", ReturnValues: "ALL_NEW" },
    ...{ ExpressionAttributeNames: { "#a": "a" }, ExpressionAttributeValues: { ":a": some } },
  }),
  new DeleteCommand({ TableName, Key: key }),
  new QueryCommand({
    ...{ TableName, KeyConditionExpression: "PK = :p", ExpressionAttributeValues: { ":p": some }, Limit: 3 },
    ...{ ScanIndexForward: false, ExclusiveStartKey: key },
  }),
  new ScanCommand({ TableName, Segment: 0, TotalSegments: 2 }),
  new BatchGetCommand({ RequestItems: { t: { Keys: [key], ConsistentRead: true } } }),
  new BatchWriteCommand({ RequestItems: { t: [{ PutRequest: { Item: { ...some, ...key } } }] } }),
  new TransactGetCommand({ TransactItems: [{ Get: { TableName, Key: key } }] }),
  new TransactWriteCommand({
    ClientRequestToken: "token",
    TransactItems: [{ Put: { TableName, Item: { ...some, ...key } } }, { Delete: { TableName, Key: key } }],
  }),
];

// biome-ignore lint/suspicious/noExplicitAny: any of the commands
const send = (client: DynamoDBDocumentClient, command: any): Promise<any> => client.send(command);

describe("a lightened client", () => {
  it("sends to the same place what the SDK sends, for any item", async () => {
    await fc.assert(
      fc.asyncProperty(item, async (some) => {
        const [plain, light] = [clientOf(whole), clientOf(lightened)];
        for (const command of commandsWith(some)) await send(plain.client, command);
        for (const command of commandsWith(some)) await send(light.client, command);
        expect(light.sent.map(({ body }) => written(body))).toEqual(
          plain.sent.map(({ body }) => written(body)),
        );
        expect(light.sent.map(placeOf)).toEqual(plain.sent.map(placeOf));
      }),
      { numRuns: 30 },
    );
  });

  it("reads what the SDK reads, for any item", async () => {
    await fc.assert(
      fc.asyncProperty(item, async (some) => {
        const put = clientOf(whole);
        await send(put.client, new PutCommand({ TableName, Item: some }));
        const Item = (written(put.sent[0]?.body ?? "") as { Item: object }).Item;
        const found = {
          ...{ Item, Attributes: Item, Items: [Item], Count: 1 },
          LastEvaluatedKey: { PK: { S: "a" } },
        };
        const answer = { text: JSON.stringify({ ...found, Responses: { t: [Item] }, UnprocessedKeys: {} }) };
        const [plain, light] = [clientOf(whole, answer), clientOf(lightened, answer)];
        for (const command of [
          ...[new GetCommand({ TableName, Key: key }), new UpdateCommand({ TableName, Key: key })],
          ...[new QueryCommand({ TableName }), new BatchGetCommand({ RequestItems: {} })],
        ]) {
          const [expected, read] = [await send(plain.client, command), await send(light.client, command)];
          const names = Object.keys(expected).filter((name) => name !== "$metadata");
          for (const name of names) expect(read[name]).toEqual(expected[name]);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("leaves errors and retries to the SDK, and sends a transaction with one token", async () => {
    const throttled = { status: 400, text: '{"__type":"x#ProvisionedThroughputExceededException"}' };
    const type = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
    const reasons = [{ Code: "ConditionalCheckFailed", Item: { PK: { S: "a" } } }];
    const cancelled = { status: 400, text: JSON.stringify({ __type: type, CancellationReasons: reasons }) };
    const { client, sent } = clientOf(lightened, throttled, cancelled);
    const command = new TransactWriteCommand({ TransactItems: [{ Delete: { TableName, Key: key } }] });
    await expect(client.send(command)).rejects.toMatchObject({
      ...{ name: "TransactionCanceledException", $metadata: { attempts: 2, httpStatusCode: 400 } },
      CancellationReasons: [{ Code: "ConditionalCheckFailed" }],
    });
    const tokens = sent.map(
      ({ body }) => (written(body) as { ClientRequestToken: string }).ClientRequestToken,
    );
    expect(tokens).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), tokens[0]]);
  });
});
