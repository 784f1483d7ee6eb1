import { describe, expect, it } from "vitest";
import { Harness, lambdaArn, WAITING_TASK } from "../test-harness.ts";

const DAY = 86_400_000;
const SLEEP = {
  StartAt: "W",
  States: { W: { Type: "Wait", Seconds: 60, Next: "P" }, P: { Type: "Pass", End: true } },
};
const PASS = { StartAt: "P", States: { P: { Type: "Pass", End: true } } };

describe("StartExecution", () => {
  it("returns the same answer while the execution runs with the same input", async () => {
    const harness = new Harness();
    const stateMachineArn = await harness.create(SLEEP);
    const start = (input: string) => harness.call("StartExecution", { stateMachineArn, name: "run", input });
    const first = await start('{"a":1}');
    await harness.clock.advance(5000);
    expect(await start('{"a":1}')).toEqual(first);
    await expect(start('{"a":2}')).rejects.toMatchObject({
      name: "ExecutionAlreadyExists",
      message: `Execution Already Exists: '${first["executionArn"]}'`,
    });
    expect((await harness.call("ListExecutions", { stateMachineArn }))["executions"]).toHaveLength(1);
  });

  it("keeps a name for ninety days after the end", async () => {
    const harness = new Harness();
    const stateMachineArn = await harness.create(PASS);
    const start = () => harness.call("StartExecution", { stateMachineArn, name: "run", input: "1" });
    await start();
    await harness.clock.settled();
    await expect(start()).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    await harness.clock.advance(90 * DAY - 1000);
    await expect(start()).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    await harness.clock.advance(1000);
    await start();
    await harness.clock.settled();
    expect((await harness.call("ListExecutions", { stateMachineArn }))["executions"]).toHaveLength(1);
  });

  it.each([
    ["{'a': 1}", "InvalidExecutionInput"],
    ["not json", "InvalidExecutionInput"],
    ["", "InvalidExecutionInput"],
    [`"${"é".repeat(131_072)}"`, "InvalidExecutionInput"],
    [`"${"x".repeat(262_144)}"`, "ValidationException"],
  ])("refuses an input", async (input, name) => {
    const harness = new Harness();
    const stateMachineArn = await harness.create(PASS);
    await expect(harness.call("StartExecution", { stateMachineArn, input })).rejects.toMatchObject({ name });
  });

  it("accepts an input of exactly 256 KiB", async () => {
    const harness = new Harness();
    const stateMachineArn = await harness.create(PASS);
    const input = `"${"é".repeat(131_071)}"`;
    expect(Buffer.byteLength(input)).toBe(262_144);
    const { executionArn } = await harness.call("StartExecution", { stateMachineArn, input });
    await harness.clock.settled();
    expect(await harness.describe(String(executionArn))).toMatchObject({
      status: "SUCCEEDED",
      output: input,
    });
  });
});

it("describes an execution's result", async () => {
  const harness = new Harness();
  const started = harness.clock.now() / 1000;
  const executionArn = await harness.start(PASS, { n: 1 });
  expect(await harness.describe(executionArn)).toEqual({
    executionArn,
    stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:flow",
    name: "run",
    status: "SUCCEEDED",
    startDate: started,
    stopDate: started,
    input: '{"n":1}',
    inputDetails: { included: true },
    output: '{"n":1}',
    outputDetails: { included: true },
    redriveCount: 0,
    redriveStatus: "NOT_REDRIVABLE",
    redriveStatusReason: "Execution is SUCCEEDED and cannot be redriven",
  });
  await expect(harness.describe(`${executionArn}x`)).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
  await expect(harness.describe("run")).rejects.toMatchObject({
    name: "InvalidArn",
    message: "Invalid Arn: 'Invalid ARN prefix: run'",
  });
});

it("lists the newest first, in stable pages", async () => {
  const harness = new Harness();
  const stateMachineArn = await harness.create(PASS);
  for (const name of ["a", "b", "c"]) await harness.call("StartExecution", { stateMachineArn, name });
  await harness.clock.settled();
  const first = await harness.call("ListExecutions", { stateMachineArn, maxResults: 2 });
  expect(first["executions"]).toMatchObject([{ name: "c" }, { name: "b" }]);
  await harness.call("StartExecution", { stateMachineArn, name: "d" });
  const second = await harness.call("ListExecutions", {
    stateMachineArn,
    maxResults: 2,
    nextToken: first["nextToken"],
  });
  expect(second["executions"]).toMatchObject([{ name: "a" }]);
  expect(second).not.toHaveProperty("nextToken");
  expect(await harness.call("ListExecutions", { stateMachineArn, statusFilter: "FAILED" })).toEqual({
    executions: [],
  });
});

describe("StopExecution", () => {
  it("aborts a sleeping execution, once", async () => {
    const harness = new Harness();
    const executionArn = await harness.start(SLEEP);
    const stopped = await harness.call("StopExecution", { executionArn, error: "Enough", cause: "of it" });
    await harness.clock.advance(1000);
    expect(await harness.call("StopExecution", { executionArn })).toEqual(stopped);
    expect(await harness.describe(executionArn)).toMatchObject({
      status: "ABORTED",
      error: "Enough",
      cause: "of it",
    });
    await harness.clock.advance(120_000);
    expect(await harness.types(executionArn)).toEqual([
      "ExecutionStarted",
      "WaitStateEntered",
      "ExecutionAborted",
    ]);
  });

  it("voids tokens, and a function's later answer has no effect", async () => {
    const harness = new Harness({ functions: { ask: () => null } });
    const executionArn = await harness.start({ StartAt: "Ask", States: { Ask: WAITING_TASK } });
    await harness.call("StopExecution", { executionArn });
    await expect(
      harness.call("SendTaskSuccess", { taskToken: harness.token(), output: "1" }),
    ).rejects.toMatchObject({
      name: "TaskTimedOut",
    });

    const slow = new Harness({
      functions: {
        work: async () => {
          await slow.clock.sleep(1000);
          return "late";
        },
      },
    });
    const working = await slow.start({
      StartAt: "T",
      States: { T: { Type: "Task", Resource: lambdaArn("work"), End: true } },
    });
    await slow.call("StopExecution", { executionArn: working });
    await slow.clock.advance(2000);
    expect(await slow.describe(working)).toMatchObject({ status: "ABORTED" });
    expect((await slow.types(working)).at(-1)).toBe("ExecutionAborted");
  });

  it("has exactly one end when it races with an answer to a token", async () => {
    const harness = new Harness({ functions: { ask: () => null } });
    const executionArn = await harness.start({ StartAt: "Ask", States: { Ask: WAITING_TASK } });
    const [answered] = await Promise.allSettled([
      harness.call("SendTaskSuccess", { taskToken: harness.token(), output: "1" }),
      harness.call("StopExecution", { executionArn }),
    ]);
    await harness.clock.settled();
    expect(answered.status).toBe("fulfilled");
    expect(await harness.describe(executionArn)).toMatchObject({ status: "ABORTED" });
    expect(
      (await harness.types(executionArn)).filter((type) => /^Execution(?!Started)/.test(type)),
    ).toHaveLength(1);
  });
});

describe("RedriveExecution", () => {
  it("continues from the failed branch and keeps finished work", async () => {
    let broken = true;
    const harness: Harness = new Harness({
      functions: {
        good: () => "good",
        bad: async () => {
          await harness.clock.sleep(1000);
          if (broken) throw new Error("broken");
          return "mended";
        },
      },
    });
    const task = (name: string) => ({
      StartAt: name,
      States: { [name]: { Type: "Task", Resource: lambdaArn(name), End: true } },
    });
    const executionArn = await harness.start({
      StartAt: "Fork",
      States: {
        Fork: { Type: "Parallel", Branches: [task("good"), task("bad")], Next: "Count" },
        Count: { Type: "Pass", Parameters: { "r.$": "$", "n.$": "$$.Execution.RedriveCount" }, End: true },
      },
    });
    await harness.clock.advance(1000);
    expect(await harness.describe(executionArn)).toMatchObject({
      status: "FAILED",
      redriveStatus: "REDRIVABLE",
    });
    broken = false;
    await harness.call("RedriveExecution", { executionArn });
    await harness.clock.advance(1000);
    const { status, output, redriveCount } = await harness.describe(executionArn);
    expect({ status, redriveCount }).toEqual({ status: "SUCCEEDED", redriveCount: 1 });
    expect(JSON.parse(String(output))).toEqual({ r: ["good", "mended"], n: 1 });
    expect(harness.invocations.filter((name) => name === "good")).toHaveLength(1);
    expect(await harness.types(executionArn)).toContain("ExecutionRedriven");
    await expect(harness.call("RedriveExecution", { executionArn })).rejects.toMatchObject({
      name: "ExecutionNotRedrivable",
    });
  });

  it("is refused two weeks after the end", async () => {
    const harness = new Harness();
    const executionArn = await harness.start({ StartAt: "F", States: { F: { Type: "Fail", Error: "E" } } });
    await harness.clock.advance(14 * DAY + 1);
    await expect(harness.call("RedriveExecution", { executionArn })).rejects.toMatchObject({
      name: "ExecutionNotRedrivable",
    });
  });
});
