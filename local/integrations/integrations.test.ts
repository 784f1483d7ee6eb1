import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildStack, type LocalStack } from "../stack/stack.ts";
import { testComposition } from "../stack/test-stack.ts";

const roleArn = "arn:aws:iam::000000000000:role/flow";
const config = { region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } };
const folder = mkdtempSync(join(tmpdir(), "integrations-"));
const stubs = join(folder, "stubs");
let stack: LocalStack;
let states: SFNClient;
let machines = 0;

const stub = (name: string, text: string) => writeFileSync(join(stubs, name), text);

beforeAll(async () => {
  mkdirSync(stubs);
  stack = await buildStack({ port: 0, data: ":memory:", functions: folder, stubs }, testComposition);
  states = new SFNClient({ ...config, endpoint: `${stack.url}/aws/states` });
});
afterAll(async () => {
  states.destroy();
  await stack.close();
  rmSync(folder, { recursive: true });
});

async function machine(definition: object): Promise<string> {
  machines += 1;
  const command = { name: `machine-${machines}`, definition: JSON.stringify(definition), roleArn };
  return String((await states.send(new CreateStateMachineCommand(command))).stateMachineArn);
}

const task = (resource: string, parameters: object, more: object = {}) => ({
  StartAt: "T",
  States: { T: { Type: "Task", Resource: resource, Parameters: parameters, End: true, ...more } },
});

async function start(definition: object, input: object = {}): Promise<string> {
  const stateMachineArn = await machine(definition);
  const started = await states.send(
    new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }),
  );
  return String(started.executionArn);
}

async function ended(executionArn: string): Promise<DescribeExecutionOutput> {
  return expect
    .poll(() => describeExecution(executionArn), { timeout: 10_000 })
    .not.toMatchObject({ status: "RUNNING" })
    .then(() => describeExecution(executionArn));
}
const describeExecution = (executionArn: string) =>
  states.send(new DescribeExecutionCommand({ executionArn }));

const run = async (definition: object, input: object = {}) => ended(await start(definition, input));
const output = (execution: DescribeExecutionOutput) => JSON.parse(execution.output ?? "null");

describe("a stub", () => {
  it("answers with the value of a JSON file", async () => {
    stub("aws-sdk.s3.getObject.json", '{"Body": "hello"}');
    const execution = await run(task("arn:aws:states:::aws-sdk:s3:getObject", { Bucket: "b", Key: "k" }));
    expect(output(execution)).toEqual({ Body: "hello" });
  });

  it("answers with the result of a function of the arguments", async () => {
    stub("bedrock.invokeModel.mjs", "export default ({ ModelId }) => ({ Body: { said: ModelId } });");
    const execution = await run(task("arn:aws:states:::bedrock:invokeModel", { ModelId: "m" }));
    expect(output(execution)).toEqual({ Body: { said: "m" } });
  });

  it("answers with the value that a module exports", async () => {
    stub("http.invoke.mjs", "export default { StatusCode: 200 };");
    const execution = await run(task("arn:aws:states:::http:invoke", { Method: "GET" }));
    expect(output(execution)).toEqual({ StatusCode: 200 });
  });

  it("throws errors that Catch sees by name", async () => {
    stub(
      "ecs.runTask.mjs",
      'export const handler = () => { throw Object.assign(new Error("no room"), { name: "ECS.AmazonECSException" }); };',
    );
    const caught = { Catch: [{ ErrorEquals: ["ECS.AmazonECSException"], Next: "C" }] };
    const definition = task("arn:aws:states:::ecs:runTask.sync", {}, caught);
    const execution = await run({
      ...definition,
      States: { ...definition.States, C: { Type: "Pass", End: true } },
    });
    expect(output(execution)).toEqual({ Error: "ECS.AmazonECSException", Cause: "no room" });
  });

  it("ends a Task that waits for a job, or for a token", async () => {
    stub("glue.startJobRun.sync.json", '{"JobRunState": "SUCCEEDED"}');
    const job = await start(task("arn:aws:states:::glue:startJobRun.sync", { JobName: "j" }));
    expect(output(await ended(job))).toEqual({ JobRunState: "SUCCEEDED" });
    const { events = [] } = await states.send(new GetExecutionHistoryCommand({ executionArn: job }));
    expect(events.map(({ type }) => type)).toEqual([
      ...["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted"],
      ...["TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"],
    ]);
    stub("apigateway.invoke.mjs", "export default ({ token }) => ({ length: token.length });");
    const token = { "token.$": "$$.Task.Token" };
    const waiting = await run(task("arn:aws:states:::apigateway:invoke.waitForTaskToken", token));
    expect(output(waiting).length).toBeGreaterThan(20);
  });

  it("leaves a token to others if it returns nothing", async () => {
    stub("ecs.runTask.waitForTaskToken.mjs", "export default ({ token }) => { globalThis.token = token; };");
    const executionArn = await start(
      task("arn:aws:states:::ecs:runTask.waitForTaskToken", { "token.$": "$$.Task.Token" }),
    );
    await expect
      .poll(
        async () =>
          (await states.send(new GetExecutionHistoryCommand({ executionArn }))).events?.at(-1)?.type,
      )
      .toBe("TaskSubmitted");
    const { events = [] } = await states.send(new GetExecutionHistoryCommand({ executionArn }));
    const parameters = events.find(({ type }) => type === "TaskScheduled")?.taskScheduledEventDetails
      ?.parameters;
    const { token: taskToken } = JSON.parse(String(parameters)) as { token: string };
    await states.send(new SendTaskSuccessCommand({ taskToken, output: '"done"' }));
    expect(output(await ended(executionArn))).toBe("done");
  });

  it("is requested by the failure of a call that nothing answers", async () => {
    const execution = await run(task("arn:aws:states:::aws-sdk:polly:describeVoices", {}));
    expect(execution).toMatchObject({ status: "FAILED", error: "Sluice.NoStub" });
    expect(execution.cause).toContain("aws-sdk.polly.describeVoices.mjs");
  });
});

describe("without a stub", () => {
  it("DynamoDB uses the user's own tables", async () => {
    const dynamodb = new DynamoDBClient({ ...config, endpoint: `${stack.url}/aws/dynamodb` });
    const table = {
      TableName: "orders",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" as const }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" as const }],
      BillingMode: "PAY_PER_REQUEST" as const,
    };
    await dynamodb.send(new CreateTableCommand(table));
    const Item = { id: { S: "1" }, total: { N: "3" } };
    const put = await run(task("arn:aws:states:::dynamodb:putItem", { TableName: "orders", Item }));
    expect(output(put)).toMatchObject({ SdkHttpMetadata: { HttpStatusCode: 200 } });
    const stored = await dynamodb.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: "1" } } }));
    expect(stored.Item).toEqual(Item);
    const missing = await run(
      task("arn:aws:states:::dynamodb:getItem", { TableName: "none", Key: { id: { S: "1" } } }),
    );
    expect(missing.error).toBe("DynamoDB.ResourceNotFoundException");
    expect(missing.cause).toMatch(
      /\(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ResourceNotFoundException;/,
    );
    dynamodb.destroy();
  });

  it("messages, notifications and events are kept", async () => {
    const url = "https://sqs.us-east-1.amazonaws.com/123456789012/mails";
    await run(task("arn:aws:states:::sqs:sendMessage", { QueueUrl: url, MessageBody: { hello: 1 } }));
    const topic = "arn:aws:sns:us-east-1:123456789012:news";
    await run(task("arn:aws:states:::sns:publish", { TopicArn: topic, Message: "hi", Subject: "s" }));
    const entry = { Source: "shop", DetailType: "Sold", Detail: { id: 7 } };
    const put = await run(task("arn:aws:states:::events:putEvents", { Entries: [entry] }));
    expect(Object.keys(output(put))).toEqual(["Entries", "FailedEntryCount"]);
    const get = async (path: string) =>
      (await fetch(stack.url + path)).json() as Promise<{ items: object[] }>;
    expect((await get("/local/messages?queue=mails")).items).toMatchObject([
      { queue: "mails", body: '{"hello":1}' },
    ]);
    expect((await get("/local/notifications")).items).toMatchObject([
      { target: topic, message: "hi", subject: "s" },
    ]);
    expect((await get("/local/events")).items).toContainEqual(
      expect.objectContaining({ source: "shop", "detail-type": "Sold", detail: { id: 7 } }),
    );
  });

  it.each([
    ["", (value: Record<string, unknown>) => expect(Object.keys(value)).toContain("SdkHttpMetadata")],
    [".sync", ({ Output }: Record<string, unknown>) => expect(Output).toBe('{"from":"child"}')],
    [".sync:2", ({ Output }: Record<string, unknown>) => expect(Output).toEqual({ from: "child" })],
  ])("startExecution%s runs the other machine", async (pattern, check) => {
    const child = await machine({
      StartAt: "P",
      States: { P: { Type: "Pass", Result: { from: "child" }, End: true } },
    });
    const parameters = { StateMachineArn: child, Input: null };
    const execution = await run(task(`arn:aws:states:::states:startExecution${pattern}`, parameters));
    expect(execution.status).toBe("SUCCEEDED");
    check(output(execution));
  });

  it("startExecution.sync fails with the execution", async () => {
    const child = await machine({
      StartAt: "F",
      States: { F: { Type: "Fail", Error: "Broken", Cause: "why" } },
    });
    const execution = await run(
      task("arn:aws:states:::states:startExecution.sync", { StateMachineArn: child }),
    );
    expect(execution).toMatchObject({ status: "FAILED", error: "States.TaskFailed" });
    expect(JSON.parse(String(execution.cause))).toMatchObject({
      Error: "Broken",
      Cause: "why",
      Status: "FAILED",
    });
    const unknown = { StateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:none" };
    expect(await run(task("arn:aws:states:::states:startExecution", unknown))).toMatchObject({
      error: "StepFunctions.StateMachineDoesNotExistException",
    });
  });

  it("an execution that is stopped stops the one that it waits for", async () => {
    const child = await machine({
      StartAt: "W",
      States: { W: { Type: "Wait", Seconds: 86_400, End: true } },
    });
    const parent = await start(
      task("arn:aws:states:::states:startExecution.sync", { StateMachineArn: child }),
    );
    const list = () => states.send(new ListExecutionsCommand({ stateMachineArn: child }));
    await expect.poll(async () => (await list()).executions?.[0]?.status).toBe("RUNNING");
    await states.send(new StopExecutionCommand({ executionArn: parent }));
    expect((await list()).executions).toMatchObject([{ status: "ABORTED" }]);
  });

  it("an activity's worker gets its tasks", async () => {
    const { activityArn } = await states.send(new CreateActivityCommand({ name: "weigh" }));
    const polling = states.send(new GetActivityTaskCommand({ activityArn, workerName: "w" }));
    const definition = { StartAt: "A", States: { A: { Type: "Task", Resource: activityArn, End: true } } };
    const executionArn = await start(definition, { kilos: 3 });
    const { taskToken, input } = await polling;
    expect(JSON.parse(String(input))).toEqual({ kilos: 3 });
    await states.send(new SendTaskSuccessCommand({ taskToken, output: "3000" }));
    expect(output(await ended(executionArn))).toBe(3000);
    const { events = [] } = await states.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events.map(({ type }) => type).slice(2, 5)).toEqual([
      ...["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"],
    ]);
  });

  it("an activity that does not exist asks for a stub", async () => {
    const Resource = "arn:aws:states:us-east-1:000000000000:activity:none";
    const definition = { StartAt: "A", States: { A: { Type: "Task", Resource, End: true } } };
    expect(await run(definition)).toMatchObject({ error: "Sluice.NoStub" });
    stub("activity.none.json", "1");
    expect(existsSync(join(stubs, "activity.none.json"))).toBe(true);
    expect(output(await run(definition))).toBe(1);
  });
});
