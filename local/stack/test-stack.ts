import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { OwnHandler } from "../lambda/own-functions.ts";
import type { Composition } from "./composition.ts";
import { buildStack, type LocalStack } from "./stack.ts";

export const TABLE = "items";

/** Created once, like a Lambda function's client, and used on every stack in this process. */
let ownClient: DynamoDBClient | undefined;

/** Small functions for tests of the stack, independent of Sluice. */
const functions: Record<string, OwnHandler> = {
  "sluice-echo": async (event) => ({
    statusCode: 201,
    headers: { "Content-Type": "application/json", "X-Made-By": "echo" },
    body: JSON.stringify(event),
  }),
  "sluice-write": async (event) => {
    const { id } = (event as { pathParameters: { id: string } }).pathParameters;
    ownClient ??= new DynamoDBClient({});
    // An attribute that looks like the report that the meter asks for and takes out.
    const ConsumedCapacity = { M: { ConsumedCapacity: { S: '"ConsumedCapacity":{}}' } } };
    const Item = { PK: { S: id }, text: { S: "x".repeat(1_500) }, ConsumedCapacity };
    await ownClient.send(new PutItemCommand({ TableName: TABLE, Item }));
    const { Item: read, ConsumedCapacity: report } = await ownClient.send(
      new GetItemCommand({ TableName: TABLE, Key: { PK: { S: id } }, ConsistentRead: true }),
    );
    if (report !== undefined || !isDeepStrictEqual(read, Item)) throw new Error(JSON.stringify(read));
    return { written: id };
  },
  "sluice-crash": async () => {
    throw new Error("a secret of the inside");
  },
};

export const testComposition: Composition = {
  isGranted: () => true,
  functions,
  routes: [
    { method: "POST", path: "/v1/echo/{first}/{second}", function: "sluice-echo", auth: true },
    { method: "GET", path: "/v1/echo", function: "sluice-echo", auth: false },
    { method: "PUT", path: "/v1/items/{id}", function: "sluice-write", auth: false },
    { method: "GET", path: "/v1/crash", function: "sluice-crash", auth: false },
  ],
  table: {
    TableName: TABLE,
    KeySchema: [{ AttributeName: "PK", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "PK", AttributeType: "S" }],
    BillingMode: "PAY_PER_REQUEST",
  },
  users: [],
  environment: {},
  statusChangeFunction: "note",
  intakeFunction: "note",
  prepare: async () => undefined,
};

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: any JSON
  readonly body: any;
}

/** A stack with its own folder for data and functions. */
export class StackUnderTest {
  readonly folder = mkdtempSync(join(tmpdir(), "stack-"));
  readonly #data: string;
  #stack: LocalStack | undefined;

  /** @param data `:memory:`, or the name of a subfolder */
  constructor(data = ":memory:") {
    this.#data = data === ":memory:" ? data : join(this.folder, data);
  }

  get stack(): LocalStack {
    if (this.#stack === undefined) throw new Error("The stack is not running");
    return this.#stack;
  }

  async start(): Promise<void> {
    this.#stack = await buildStack({ port: 0, data: this.#data, functions: this.folder }, testComposition);
  }

  async stop(): Promise<void> {
    await this.#stack?.close();
    this.#stack = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  /** A user's function. */
  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  /** Settings that point an SDK client at one of the stack's services. */
  sdk(service: string) {
    return {
      endpoint: `${this.stack.url}/aws/${service}`,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    };
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const response = await fetch(this.stack.url + path, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answer === "" ? undefined : JSON.parse(answer),
    };
  }

  async bearer(request: unknown): Promise<Record<string, string>> {
    const { body } = await this.call("POST", "/local/token", request);
    return { authorization: `Bearer ${body.accessToken}` };
  }
}
