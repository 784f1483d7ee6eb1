import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { CreateScheduleCommand, GetScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Composition } from "./composition.ts";
import type { OwnHandler } from "./lambda/own-functions.ts";
import { buildStack, type LocalStack } from "./stack.ts";

const TABLE = "items";
/** Made once, as a Lambda's client is, and used on every stack of this process. */
let ownClient: DynamoDBClient | undefined;
const table = (): DynamoDBClient => {
  ownClient ??= new DynamoDBClient({});
  return ownClient;
};

const statusChanges: unknown[] = [];
let failures = 0;
const functions: Record<string, OwnHandler> = {
  "sluice-echo": async (event) => ({
    statusCode: 201,
    headers: { "Content-Type": "application/json", "X-Made-By": "echo" },
    body: JSON.stringify(event),
  }),
  "sluice-write": async (event) => {
    const { pathParameters } = event as { pathParameters: { id: string } };
    await table().send(
      new PutItemCommand({
        TableName: TABLE,
        Item: { PK: { S: pathParameters.id }, text: { S: "x".repeat(1_500) } },
      }),
    );
    await table().send(
      new GetItemCommand({ TableName: TABLE, Key: { PK: { S: pathParameters.id } }, ConsistentRead: true }),
    );
    return { written: pathParameters.id };
  },
  "sluice-crash": async () => {
    throw new Error("a secret of the inside");
  },
  "sluice-closed": async (event) => {
    if (failures > 0) {
      failures -= 1;
      throw new Error("not now");
    }
    statusChanges.push(event);
  },
};

const composition: Composition = {
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
  environment: {},
  statusChangeFunction: "sluice-closed",
  prepare: async () => undefined,
};

const folder = mkdtempSync(join(tmpdir(), "stack-"));
let stack: LocalStack;
const start = () => buildStack({ port: 0, data: join(folder, "data"), functions: folder }, composition);
const sdk = (service: string) => ({
  endpoint: `${stack.url}/aws/${service}`,
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

beforeAll(async () => {
  writeFileSync(
    join(folder, "double.ts"),
    "export const handler = (event: { n: number }) => ({ n: event.n * 2 });",
  );
  writeFileSync(join(folder, "refuse.ts"), `export const handler = () => { throw new TypeError("no"); };`);
  stack = await start();
});
afterAll(async () => {
  await stack.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await call("DELETE", "/local/usage");
  await call("DELETE", "/local/faults");
});

interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON comes
  body: any;
}
async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(stack.url + path, {
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
async function bearer(request: unknown): Promise<Record<string, string>> {
  const { body } = await call("POST", "/local/token", request);
  return { authorization: `Bearer ${body.accessToken}` };
}

describe("the HTTP API", () => {
  it("is healthy", async () => {
    expect(await call("GET", "/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
  });

  it("hands a request on in payload format 2.0", async () => {
    const headers = { ...(await bearer({ user: "anna" })), "x-several": "a, b", cookie: "one=1; two=2" };
    const {
      status,
      headers: answered,
      body,
    } = await call("POST", "/v1/echo/a%2Fb/c?q=1&q=2&r=%C3%A4", { n: 1 }, headers);
    expect([status, answered.get("x-made-by"), answered.get("content-type")]).toEqual([
      201,
      "echo",
      "application/json",
    ]);
    expect(body).toMatchObject({
      version: "2.0",
      routeKey: "POST /v1/echo/{first}/{second}",
      rawPath: "/v1/echo/a%2Fb/c",
      rawQueryString: "q=1&q=2&r=%C3%A4",
      cookies: ["one=1", "two=2"],
      headers: { "x-several": "a, b", "content-type": "application/json" },
      queryStringParameters: { q: "1,2", r: "ä" },
      pathParameters: { first: "a/b", second: "c" },
      body: '{"n":1}',
      isBase64Encoded: false,
      requestContext: {
        http: { method: "POST", path: "/v1/echo/a%2Fb/c" },
        authorizer: { jwt: { claims: { sub: "anna", aud: "sluice" } } },
        stage: "$default",
      },
    });
  });

  it("hands a body that is not text on in Base64", async () => {
    const headers = { ...(await bearer({ user: "anna" })), "content-type": "application/octet-stream" };
    const { body } = await call("POST", "/v1/echo/a/b", "abc", headers);
    expect([body.body, body.isBase64Encoded]).toEqual(["YWJj", true]);
  });

  it.each([
    ["no token", {}],
    ["an expired token", { expiresIn: -10 }],
    ["another issuer", { issuer: "https://elsewhere.example" }],
    ["another audience", { audience: "elsewhere" }],
  ])("answers %s as API Gateway does", async (what, more) => {
    const headers = what === "no token" ? {} : await bearer({ user: "anna", ...more });
    const answer = await call("POST", "/v1/echo/a/b", {}, headers);
    expect([answer.status, answer.body]).toEqual([401, { message: "Unauthorized" }]);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });

  it("refuses tokens that nobody, or somebody else, signed", async () => {
    const { authorization = "" } = await bearer({ user: "anna" });
    const [head = "", claims = "", signature = ""] = authorization.replace("Bearer ", "").split(".");
    const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const kid = JSON.parse(Buffer.from(head, "base64url").toString()).kid;
    const { body: keys } = await call("GET", "/local/.well-known/jwks.json");
    const hmacHead = encode({ alg: "HS256", kid });
    const forged = [
      `${encode({ alg: "none", kid })}.${claims}.`,
      `${hmacHead}.${claims}.${createHmac("sha256", keys.keys[0].n).update(`${hmacHead}.${claims}`).digest("base64url")}`,
      `${head}.${encode({ sub: "admin", iss: "https://issuer.sluice.localhost", aud: "sluice", exp: 9_999_999_999 })}.${signature}`,
      `${head}.${claims}.${signature.slice(0, -4)}AAAA`,
      "nonsense",
    ];
    for (const token of forged) {
      expect((await call("POST", "/v1/echo/a/b", {}, { authorization: `Bearer ${token}` })).status).toBe(401);
    }
  });

  it("answers what it has no route for, too large bodies and crashes without telling its inside", async () => {
    expect(await call("GET", "/v1/none")).toMatchObject({
      status: 404,
      body: { code: "not_found", status: 404 },
    });
    expect(await call("GET", "/v1/items/%ZZ")).toMatchObject({ status: 404 });
    expect(await call("PUT", "/v1/items/%ZZ", {})).toMatchObject({ status: 404 });
    const large = await call("PUT", "/v1/items/x", `"${"x".repeat(5 * 1_024 * 1_024)}"`);
    expect([large.status, large.body.code, large.headers.get("content-type")]).toEqual([
      413,
      "payload_too_large",
      "application/problem+json",
    ]);
    const crash = await call("GET", "/v1/crash");
    expect([crash.status, crash.body]).toEqual([500, { message: "Internal Server Error" }]);
  });

  it("answers HEAD as GET, without the body", async () => {
    const answer = await fetch(`${stack.url}/v1/echo`, { method: "HEAD" });
    expect([answer.status, await answer.text()]).toEqual([201, ""]);
  });

  it("does not answer web pages of other sites", async () => {
    expect(
      (await call("POST", "/local/clock", { advanceBy: "PT1S" }, { origin: "https://evil.example" })).status,
    ).toBe(403);
    expect((await call("GET", "/local/clock", undefined, { origin: "http://localhost:5173" })).status).toBe(
      200,
    );
  });
});

describe("/local", () => {
  it("gives tokens whose claims say what was asked for", async () => {
    const claimsOf = async (request: unknown) => {
      const { body } = await call("POST", "/v1/echo/a/b", {}, await bearer(request));
      return body.requestContext.authorizer.jwt.claims;
    };
    expect(await claimsOf({ user: "platform" })).toMatchObject({
      sub: "platform",
      "sluice:platform_admin": "true",
    });
    expect(await claimsOf({ client: "crm", scopes: ["runs:dispatch", "runs:read"] })).toMatchObject({
      client_id: "crm",
      scope: "runs:dispatch runs:read",
      "sluice:workspaces": "[demo]",
    });
    expect(await claimsOf({ user: "anna" })).not.toHaveProperty("sluice:platform_admin");
  });

  it.each([
    ["/local/token", {}],
    ["/local/token", { user: 7 }],
    ["/local/token", { user: "anna", role: "admin" }],
    ["/local/token", { user: "anna", client: "crm", scopes: [] }],
    ["/local/token", "not json"],
    ["/local/clock", { advanceBy: "-P1D" }],
    ["/local/clock", { advanceBy: "P1Y" }],
    ["/local/clock", { advanceBy: 5 }],
    ["/local/clock", {}],
    ["/local/faults", { service: "s3", operation: "GetObject", when: "before" }],
    ["/local/faults", { service: "dynamodb", operation: "GetItem", when: "during" }],
    ["/local/faults", { service: "dynamodb", operation: "GetItem", when: "before", times: 0 }],
    ["/local/faults", { service: "dynamodb", operation: "GetItem", when: "before", probability: 2 }],
  ])("refuses %s %j", async (path, body) => {
    const answer = await call("POST", path, body);
    expect([answer.status, answer.body.code, answer.body.errors.length > 0]).toEqual([
      422,
      "invalid_request",
      true,
    ]);
  });

  it("moves the clock, and tokens stay good", async () => {
    const headers = await bearer({ user: "anna" });
    const before = Date.parse((await call("GET", "/local/clock")).body.now);
    const after = Date.parse((await call("POST", "/local/clock", { advanceBy: "P13DT23H59M" })).body.now);
    expect(after - before).toBeGreaterThanOrEqual(1_209_540_000);
    expect(after - before).toBeLessThan(1_209_550_000);
    expect((await call("POST", "/v1/echo/a/b", {}, headers)).status).toBe(201);
  });
});

describe("DynamoDB", () => {
  it("meters Sluice's own calls only, by function, and hides what the caller did not ask for", async () => {
    expect((await call("PUT", "/v1/items/one", {})).body).toEqual({ written: "one" });
    const client = new DynamoDBClient(sdk("dynamodb"));
    const answer = await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "one" } } }));
    expect([answer.Item?.["text"]?.S?.length, answer.ConsumedCapacity]).toEqual([1_500, undefined]);
    const asked = await client.send(
      new QueryCommand({
        TableName: TABLE,
        KeyConditionExpression: "PK = :pk",
        ExpressionAttributeValues: { ":pk": { S: "one" } },
        ReturnConsumedCapacity: "TOTAL",
      }),
    );
    expect(asked.ConsumedCapacity?.CapacityUnits).toBe(0.5);
    const { body: usage } = await call("GET", "/local/usage");
    const consumed = { readUnits: 1, writeUnits: 2, calls: 2 };
    expect(usage.dynamodb).toEqual({ ...consumed, byFunction: { "sluice-write": consumed } });
    expect(usage.lambdaInvocations).toEqual({ "sluice-write": 1 });
  });

  it("answers the service's own errors", async () => {
    const client = new DynamoDBClient(sdk("dynamodb"));
    const put = new PutItemCommand({
      TableName: TABLE,
      Item: { PK: { S: "one" } },
      ConditionExpression: "attribute_not_exists(PK)",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    await client.send(new PutItemCommand({ TableName: TABLE, Item: { PK: { S: "one" } } }));
    const error = await client.send(put).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item).toEqual({ PK: { S: "one" } });
  });

  it("fails as ordered: before, the item is not there; after, it is", async () => {
    const client = new DynamoDBClient(sdk("dynamodb"));
    const put = (id: string) =>
      client.send(new PutItemCommand({ TableName: TABLE, Item: { PK: { S: id } } }));
    const exists = async (id: string) =>
      (await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: id } } }))).Item !==
      undefined;
    for (const when of ["before", "after"]) {
      await call("POST", "/local/faults", { service: "dynamodb", operation: "PutItem", when, times: 1 });
      await expect(put(`fault-${when}`)).rejects.toMatchObject({ name: "InjectedFault" });
      expect(await exists(`fault-${when}`)).toBe(when === "after");
      await put(`then-${when}`);
    }
  });

  it("lets the SDK try again what it may: throttling, and connections that break", async () => {
    const client = new DynamoDBClient(sdk("dynamodb"));
    for (const error of ["ThrottlingException", "ConnectionReset", "InternalServerError"]) {
      await call("POST", "/local/faults", {
        service: "dynamodb",
        operation: "PutItem",
        when: "before",
        times: 1,
        error,
      });
      const { $metadata } = await client.send(
        new PutItemCommand({ TableName: TABLE, Item: { PK: { S: error } } }),
      );
      expect([error, $metadata.attempts]).toEqual([error, 2]);
    }
  });

  it("fails with a probability, the same calls for the same seed", async () => {
    const client = new DynamoDBClient(sdk("dynamodb"));
    const pattern = async () => {
      await call("DELETE", "/local/faults");
      await call("POST", "/local/faults", {
        service: "dynamodb",
        operation: "GetItem",
        when: "before",
        probability: 0.5,
        seed: 7,
      });
      const results: boolean[] = [];
      for (let i = 0; i < 12; i++) {
        const get = client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "one" } } }));
        results.push(
          await get.then(
            () => true,
            () => false,
          ),
        );
      }
      return results;
    };
    const first = await pattern();
    expect(new Set(first).size).toBe(2);
    expect(await pattern()).toEqual(first);
  });
});

describe("Lambda", () => {
  it("invokes the user's functions by name and ARN", async () => {
    const client = new LambdaClient(sdk("lambda"));
    for (const FunctionName of ["double", "arn:aws:lambda:us-east-1:000000000000:function:double:3"]) {
      const answer = await client.send(new InvokeCommand({ FunctionName, Payload: '{"n":21}' }));
      expect([answer.StatusCode, answer.FunctionError, answer.Payload?.transformToString()]).toEqual([
        200,
        undefined,
        '{"n":42}',
      ]);
    }
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual(
      expect.arrayContaining(["double", "sluice-echo"]),
    );
  });

  it("tells of function errors and of functions that do not exist", async () => {
    const client = new LambdaClient(sdk("lambda"));
    const refused = await client.send(new InvokeCommand({ FunctionName: "refuse" }));
    expect(refused.FunctionError).toBe("Unhandled");
    expect(JSON.parse(refused.Payload?.transformToString() ?? "")).toMatchObject({
      errorType: "TypeError",
      errorMessage: "no",
    });
    await expect(client.send(new InvokeCommand({ FunctionName: "none" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    await expect(client.send(new InvokeCommand({ FunctionName: "sluice-none" }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("meets its faults", async () => {
    const client = new LambdaClient(sdk("lambda"));
    await call("POST", "/local/faults", { service: "lambda", operation: "Invoke", when: "before", times: 1 });
    await expect(client.send(new InvokeCommand({ FunctionName: "double" }))).rejects.toMatchObject({
      name: "InjectedFault",
    });
  });

  it("tries a failed asynchronous invocation twice more, a minute and two minutes later, and then keeps it", async () => {
    const client = new LambdaClient(sdk("lambda"));
    await client.send(
      new InvokeCommand({ FunctionName: "refuse", InvocationType: "Event", Payload: '{"n":1}' }),
    );
    await call("POST", "/local/clock", { advanceBy: "PT2M59S" });
    expect((await call("GET", "/local/usage")).body.lambdaInvocations).toEqual({ refuse: 2 });
    await call("POST", "/local/clock", { advanceBy: "PT2S" });
    expect((await call("GET", "/local/usage")).body.lambdaInvocations).toEqual({ refuse: 3 });
    const { items } = (await call("GET", "/local/dead-letters")).body;
    expect(items.at(-1)).toMatchObject({
      source: "lambda",
      target: "refuse",
      payload: '{"n":1}',
      attempts: 3,
      error: { errorType: "TypeError" },
    });
  });
});

describe("restart", () => {
  it("keeps the clock, the table, the schedules and the tokens; refuses a second stack on the same folder", async () => {
    const headers = await bearer({ user: "anna" });
    await call("PUT", "/v1/items/kept", {});
    const scheduler = new SchedulerClient(sdk("scheduler"));
    const target = {
      Arn: "arn:aws:lambda:us-east-1:000000000000:function:double",
      RoleArn: "arn:aws:iam::000000000000:role/r",
    };
    await scheduler.send(
      new CreateScheduleCommand({
        Name: "kept",
        ScheduleExpression: "at(2200-01-01T00:00:00)",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: target,
      }),
    );
    await call("POST", "/local/clock", { advanceBy: "P1D" });
    const { now } = (await call("GET", "/local/clock")).body;
    await expect(start()).rejects.toThrow("Another local stack is using");
    await stack.close();
    stack = await start();
    expect((await call("GET", "/local/clock")).body.now >= now).toBe(true);
    const client = new DynamoDBClient(sdk("dynamodb"));
    expect(
      (await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "kept" } } }))).Item,
    ).toBeDefined();
    expect(
      (await new SchedulerClient(sdk("scheduler")).send(new GetScheduleCommand({ Name: "kept" }))).Target
        ?.Arn,
    ).toBe(target.Arn);
    expect((await call("POST", "/v1/echo/a/b", {}, headers)).status).toBe(201);
    // The functions' own client is as old as the process.
    expect((await call("PUT", "/v1/items/again", {})).body).toEqual({ written: "again" });
  });

  it("runs beside another stack in one process, each with its own table", async () => {
    const other = await buildStack({ port: 0, data: ":memory:" }, composition);
    try {
      await call("PUT", "/v1/items/mine", {});
      const client = new DynamoDBClient({ ...sdk("dynamodb"), endpoint: `${other.url}/aws/dynamodb` });
      expect(
        (await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "mine" } } }))).Item,
      ).toBeUndefined();
      await fetch(`${other.url}/v1/items/theirs`, { method: "PUT" });
      expect(
        (await client.send(new GetItemCommand({ TableName: TABLE, Key: { PK: { S: "theirs" } } }))).Item,
      ).toBeDefined();
    } finally {
      await other.close();
    }
  });
});
