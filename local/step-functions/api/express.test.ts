import { expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { FunctionError, Harness, lambdaArn } from "../test-harness.ts";

const roleArn = "arn:aws:iam::000000000000:role/flow";

async function express(harness: Harness, definition: JsonObject): Promise<string> {
  const body = { name: "quick", type: "EXPRESS", definition: JSON.stringify(definition), roleArn };
  return String((await harness.call("CreateStateMachine", body))["stateMachineArn"]);
}
const pass = { StartAt: "P", States: { P: { Type: "Pass", Result: { a: 1 }, End: true } } };

it("answers with the result of a synchronous execution", async () => {
  const harness = new Harness({ functions: { double: (event) => Number(event) * 2 } });
  const stateMachineArn = await express(harness, {
    StartAt: "T",
    States: { T: { Type: "Task", Resource: lambdaArn("double"), End: true } },
  });
  const result = await harness.call("StartSyncExecution", { stateMachineArn, name: "same", input: "21" });
  expect(result).toMatchObject({
    status: "SUCCEEDED",
    output: "42",
    name: "same",
    stateMachineArn,
    input: "21",
  });
  expect(result["executionArn"]).toMatch(/:express:quick:same:[\w-]{36}$/);
  const again = await harness.call("StartSyncExecution", { stateMachineArn, name: "same", input: "1" });
  expect(again["output"]).toBe("2");
  expect(harness.events).toEqual([]);
});

it("answers with the failure of a synchronous execution", async () => {
  const harness = new Harness();
  const stateMachineArn = await express(harness, {
    StartAt: "F",
    States: { F: { Type: "Fail", Error: "E", Cause: "c" } },
  });
  expect(await harness.call("StartSyncExecution", { stateMachineArn })).toMatchObject({
    ...{ status: "FAILED", error: "E", cause: "c" },
  });
});

it("ends a synchronous execution after five minutes", async () => {
  const harness = new Harness();
  const wait = { Type: "Wait", Seconds: 3600, End: true };
  const stateMachineArn = await express(harness, { StartAt: "W", States: { W: wait } });
  const result = harness.call("StartSyncExecution", { stateMachineArn });
  await harness.clock.settled();
  await harness.clock.advance(300_000);
  expect(await result).toMatchObject({ status: "TIMED_OUT" });
});

it("refuses what an EXPRESS machine cannot do", async () => {
  const harness = new Harness();
  const job = {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution.sync",
    Parameters: {},
    End: true,
  };
  await expect(express(harness, { StartAt: "J", States: { J: job } })).rejects.toThrow(
    "Express state machine does not support '.sync' service integration",
  );
  const stateMachineArn = await express(harness, pass);
  await expect(harness.call("ListExecutions", { stateMachineArn })).rejects.toMatchObject({
    name: "StateMachineTypeNotSupported",
  });
  const standard = await harness.create(pass, "slow");
  await expect(harness.call("StartSyncExecution", { stateMachineArn: standard })).rejects.toMatchObject({
    name: "StateMachineTypeNotSupported",
  });
});

const test = (harness: Harness, state: JsonObject, input: unknown = {}, more: JsonObject = {}) =>
  harness.call("TestState", {
    ...{ definition: JSON.stringify(state), roleArn, input: JSON.stringify(input) },
    ...more,
  });

it("tests one state", async () => {
  const harness = new Harness({
    functions: {
      fails: () => {
        throw new FunctionError("Broken", "why");
      },
    },
  });
  expect(await test(harness, { Type: "Pass", Result: 1, Next: "B" })).toMatchObject({
    ...{ status: "SUCCEEDED", output: "1", nextState: "B" },
  });
  const choice = {
    Type: "Choice",
    Choices: [{ Variable: "$.n", NumericEquals: 1, Next: "One" }],
    Default: "Other",
  };
  expect((await test(harness, choice, { n: 1 }))["nextState"]).toBe("One");
  expect((await test(harness, choice, { n: 2 }))["nextState"]).toBe("Other");
  const task = { Type: "Task", Resource: lambdaArn("fails"), End: true };
  expect(await test(harness, task)).toMatchObject({ status: "FAILED", error: "Broken" });
  const Retry = [{ ErrorEquals: ["Broken"] }];
  expect(await test(harness, { ...task, Retry })).toMatchObject({ status: "RETRIABLE", error: "Broken" });
  const Catch = [{ ErrorEquals: ["States.ALL"], ResultPath: "$.e", Next: "Handle" }];
  const caught = await test(harness, { ...task, Catch }, { k: 1 });
  expect(caught).toMatchObject({ status: "CAUGHT_ERROR", error: "Broken", nextState: "Handle" });
  expect(JSON.parse(String(caught["output"]))).toMatchObject({ k: 1, e: { Error: "Broken" } });
  const machine = {
    QueryLanguage: "JSONata",
    StartAt: "P",
    States: { P: { Type: "Pass", Output: "{% 1 + 1 %}", End: true } },
  };
  expect((await test(harness, machine, {}, { stateName: "P" }))["output"]).toBe("2");
  expect(await harness.call("ListStateMachines", {})).toEqual({ stateMachines: [] });
});

it("tests a state with given variables and context, and answers its call from a mock", async () => {
  const harness = new Harness();
  const more = (mock: JsonObject) => ({
    mock: { result: JSON.stringify({ ok: 1 }), fieldValidationMode: "NONE", ...mock },
    variables: JSON.stringify({ list: [1], other: { "a.$": "{% 1 %}" } }),
    context: JSON.stringify({ Execution: { Input: { n: 7 }, Name: "run.2" } }),
    inspectionLevel: "DEBUG",
  });
  const inspected = async (state: JsonObject, mock: JsonObject = {}) => {
    const { inspectionData, ...rest } = await test(harness, state, { k: 2 }, more(mock));
    const data = Object.entries(inspectionData as Record<string, string>);
    return { ...rest, data: Object.fromEntries(data.map(([name, text]) => [name, JSON.parse(text)])) };
  };
  const jsonPath = {
    ...{ Type: "Task", Resource: lambdaArn("nowhere"), ResultPath: "$.result", End: true },
    Parameters: {
      "k.$": "$.k",
      "list.$": "$list",
      "n.$": "$$.Execution.Input.n",
      "name.$": "$$.Execution.Name",
    },
    Assign: { "list.$": "$.ok" },
  };
  const variables = { list: 1, other: { "a.$": "{% 1 %}" } };
  expect(await inspected(jsonPath)).toEqual({
    ...{ status: "SUCCEEDED", output: '{"k":2,"result":{"ok":1}}' },
    data: { input: { k: 2 }, afterParameters: { k: 2, list: [1], n: 7, name: "run.2" }, variables },
  });
  const jsonata = {
    ...{
      Type: "Task",
      QueryLanguage: "JSONata",
      Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    },
    ...{ Arguments: { QueueUrl: "q", MessageBody: "{% $list %}" }, End: true },
  };
  const machine = { QueryLanguage: "JSONata", StartAt: "T", States: { T: jsonata } };
  const whole = await test(harness, machine, { k: 2 }, { ...more({}), stateName: "T" });
  expect(JSON.parse((whole["inspectionData"] as Record<string, string>)["afterArguments"] ?? "")).toEqual({
    ...{ QueueUrl: "q", MessageBody: [1] },
  });
  const failed = { result: null, errorOutput: { error: "Mine", cause: "why" } };
  expect(await inspected(jsonPath, failed)).toMatchObject({ status: "FAILED", error: "Mine", cause: "why" });
  await expect(test(harness, { Type: "Pass", End: true }, {}, more({}))).rejects.toThrow(
    "State type 'Pass' is not supported when a mock is specified",
  );
  await expect(test(harness, { Type: "Pass", End: true }, {}, { context: "{}" })).rejects.toThrow(
    "Context can only be specified when a mock is specified",
  );
});
