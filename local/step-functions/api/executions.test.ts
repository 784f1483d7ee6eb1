import { describe, expect, it } from "vitest";
import { lambdaArn, Rig, WAITING_TASK } from "../harness.ts";

const DAY = 86_400_000;
const SLEEP = {
  StartAt: "W",
  States: { W: { Type: "Wait", Seconds: 60, Next: "P" }, P: { Type: "Pass", End: true } },
};
const PASS = { StartAt: "P", States: { P: { Type: "Pass", End: true } } };

describe("StartExecution", () => {
  it("answers the same while the execution runs with the same input", async () => {
    const rig = new Rig();
    const stateMachineArn = await rig.create(SLEEP);
    const start = (input: string) => rig.call("StartExecution", { stateMachineArn, name: "run", input });
    const first = await start('{"a":1}');
    await rig.clock.advance(5000);
    expect(await start('{"a":1}')).toEqual(first);
    await expect(start('{"a":2}')).rejects.toMatchObject({
      name: "ExecutionAlreadyExists",
      message: `Execution Already Exists: '${first["executionArn"]}'`,
    });
    expect((await rig.call("ListExecutions", { stateMachineArn }))["executions"]).toHaveLength(1);
  });

  it("keeps a name for ninety days after the end", async () => {
    const rig = new Rig();
    const stateMachineArn = await rig.create(PASS);
    const start = () => rig.call("StartExecution", { stateMachineArn, name: "run", input: "1" });
    await start();
    await rig.clock.settled();
    await expect(start()).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    await rig.clock.advance(90 * DAY - 1000);
    await expect(start()).rejects.toMatchObject({ name: "ExecutionAlreadyExists" });
    await rig.clock.advance(1000);
    await start();
    await rig.clock.settled();
    expect((await rig.call("ListExecutions", { stateMachineArn }))["executions"]).toHaveLength(1);
  });

  it.each([
    ["{'a': 1}", "InvalidExecutionInput"],
    ["not json", "InvalidExecutionInput"],
    ["", "InvalidExecutionInput"],
    [`"${"é".repeat(131_072)}"`, "InvalidExecutionInput"],
    [`"${"x".repeat(262_144)}"`, "ValidationException"],
  ])("refuses an input", async (input, name) => {
    const rig = new Rig();
    const stateMachineArn = await rig.create(PASS);
    await expect(rig.call("StartExecution", { stateMachineArn, input })).rejects.toMatchObject({ name });
  });

  it("takes an input of exactly 256 KiB", async () => {
    const rig = new Rig();
    const stateMachineArn = await rig.create(PASS);
    const input = `"${"é".repeat(131_071)}"`;
    expect(Buffer.byteLength(input)).toBe(262_144);
    const { executionArn } = await rig.call("StartExecution", { stateMachineArn, input });
    await rig.clock.settled();
    expect(await rig.describe(String(executionArn))).toMatchObject({ status: "SUCCEEDED", output: input });
  });
});

it("describes what an execution came to", async () => {
  const rig = new Rig();
  const started = rig.clock.now() / 1000;
  const executionArn = await rig.start(PASS, { n: 1 });
  expect(await rig.describe(executionArn)).toEqual({
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
  await expect(rig.describe(`${executionArn}x`)).rejects.toMatchObject({ name: "ExecutionDoesNotExist" });
  await expect(rig.describe("run")).rejects.toMatchObject({
    name: "InvalidArn",
    message: "Invalid Arn: 'Invalid ARN prefix: run'",
  });
});

it("lists the newest first, in pages that keep their place", async () => {
  const rig = new Rig();
  const stateMachineArn = await rig.create(PASS);
  for (const name of ["a", "b", "c"]) await rig.call("StartExecution", { stateMachineArn, name });
  await rig.clock.settled();
  const first = await rig.call("ListExecutions", { stateMachineArn, maxResults: 2 });
  expect(first["executions"]).toMatchObject([{ name: "c" }, { name: "b" }]);
  await rig.call("StartExecution", { stateMachineArn, name: "d" });
  const second = await rig.call("ListExecutions", {
    stateMachineArn,
    maxResults: 2,
    nextToken: first["nextToken"],
  });
  expect(second["executions"]).toMatchObject([{ name: "a" }]);
  expect(second).not.toHaveProperty("nextToken");
  expect(await rig.call("ListExecutions", { stateMachineArn, statusFilter: "FAILED" })).toEqual({
    executions: [],
  });
});

describe("StopExecution", () => {
  it("aborts a sleeping execution, once", async () => {
    const rig = new Rig();
    const executionArn = await rig.start(SLEEP);
    const stopped = await rig.call("StopExecution", { executionArn, error: "Enough", cause: "of it" });
    await rig.clock.advance(1000);
    expect(await rig.call("StopExecution", { executionArn })).toEqual(stopped);
    expect(await rig.describe(executionArn)).toMatchObject({
      status: "ABORTED",
      error: "Enough",
      cause: "of it",
    });
    await rig.clock.advance(120_000);
    expect(await rig.types(executionArn)).toEqual([
      "ExecutionStarted",
      "WaitStateEntered",
      "ExecutionAborted",
    ]);
  });

  it("voids tokens, and what a function answers afterwards changes nothing", async () => {
    const rig = new Rig({ functions: { ask: () => null } });
    const executionArn = await rig.start({ StartAt: "Ask", States: { Ask: WAITING_TASK } });
    await rig.call("StopExecution", { executionArn });
    await expect(rig.call("SendTaskSuccess", { taskToken: rig.token(), output: "1" })).rejects.toMatchObject({
      name: "TaskTimedOut",
    });

    const slow = new Rig({
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

  it("that races with the answer of a token leaves one end", async () => {
    const rig = new Rig({ functions: { ask: () => null } });
    const executionArn = await rig.start({ StartAt: "Ask", States: { Ask: WAITING_TASK } });
    const [answered] = await Promise.allSettled([
      rig.call("SendTaskSuccess", { taskToken: rig.token(), output: "1" }),
      rig.call("StopExecution", { executionArn }),
    ]);
    await rig.clock.settled();
    expect(answered.status).toBe("fulfilled");
    expect(await rig.describe(executionArn)).toMatchObject({ status: "ABORTED" });
    expect((await rig.types(executionArn)).filter((type) => /^Execution(?!Started)/.test(type))).toHaveLength(
      1,
    );
  });
});

describe("RedriveExecution", () => {
  it("goes on from the failed branch and keeps what is done", async () => {
    let broken = true;
    const rig: Rig = new Rig({
      functions: {
        good: () => "good",
        bad: async () => {
          await rig.clock.sleep(1000);
          if (broken) throw new Error("broken");
          return "mended";
        },
      },
    });
    const task = (name: string) => ({
      StartAt: name,
      States: { [name]: { Type: "Task", Resource: lambdaArn(name), End: true } },
    });
    const executionArn = await rig.start({
      StartAt: "Fork",
      States: {
        Fork: { Type: "Parallel", Branches: [task("good"), task("bad")], Next: "Count" },
        Count: { Type: "Pass", Parameters: { "r.$": "$", "n.$": "$$.Execution.RedriveCount" }, End: true },
      },
    });
    await rig.clock.advance(1000);
    expect(await rig.describe(executionArn)).toMatchObject({ status: "FAILED", redriveStatus: "REDRIVABLE" });
    broken = false;
    await rig.call("RedriveExecution", { executionArn });
    await rig.clock.advance(1000);
    const { status, output, redriveCount } = await rig.describe(executionArn);
    expect({ status, redriveCount }).toEqual({ status: "SUCCEEDED", redriveCount: 1 });
    expect(JSON.parse(String(output))).toEqual({ r: ["good", "mended"], n: 1 });
    expect(rig.invocations.filter((name) => name === "good")).toHaveLength(1);
    expect(await rig.types(executionArn)).toContain("ExecutionRedriven");
    await expect(rig.call("RedriveExecution", { executionArn })).rejects.toMatchObject({
      name: "ExecutionNotRedrivable",
    });
  });

  it("is refused two weeks after the end", async () => {
    const rig = new Rig();
    const executionArn = await rig.start({ StartAt: "F", States: { F: { Type: "Fail", Error: "E" } } });
    await rig.clock.advance(14 * DAY + 1);
    await expect(rig.call("RedriveExecution", { executionArn })).rejects.toMatchObject({
      name: "ExecutionNotRedrivable",
    });
  });
});
