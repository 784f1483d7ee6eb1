import { describe, expect, it } from "vitest";
import { Harness, lambdaArn, WAITING_TASK } from "../test-harness.ts";

const asking = (fields: object = {}) => ({ StartAt: "Ask", States: { Ask: { ...WAITING_TASK, ...fields } } });
const rigThatAsks = () => new Harness({ functions: { ask: () => null } });

describe("a task token", () => {
  it("is answered once: the second answer is told that the task has ended", async () => {
    const harness = rigThatAsks();
    const executionArn = await harness.start(asking());
    const taskToken = harness.token();
    await harness.call("SendTaskSuccess", { taskToken, output: '"first"' });
    for (const again of [
      harness.call("SendTaskSuccess", { taskToken, output: '"second"' }),
      harness.call("SendTaskFailure", { taskToken }),
      harness.call("SendTaskHeartbeat", { taskToken }),
    ])
      await expect(again).rejects.toMatchObject({
        name: "TaskTimedOut",
        message: "Task Timed Out: 'Provided task does not exist anymore'",
      });
    await harness.clock.settled();
    expect(await harness.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"first"' });
  });

  it("is invalid if it was never issued, and an output that is not JSON is rejected without harm", async () => {
    const harness = rigThatAsks();
    const executionArn = await harness.start(asking());
    await expect(harness.call("SendTaskSuccess", { taskToken: "none", output: "1" })).rejects.toMatchObject({
      name: "InvalidToken",
      message: "Invalid Token: 'Invalid token'",
    });
    const taskToken = harness.token();
    await expect(harness.call("SendTaskSuccess", { taskToken, output: "{" })).rejects.toMatchObject({
      name: "InvalidOutput",
    });
    await expect(
      harness.call("SendTaskSuccess", { taskToken, output: `"${"x".repeat(262_143)}"` }),
    ).rejects.toMatchObject({ name: "ValidationException" });
    expect(await harness.describe(executionArn)).toMatchObject({ status: "RUNNING" });
  });

  it("may be answered by the function that receives it", async () => {
    const harness: Harness = new Harness({
      functions: {
        ask: async (event) => {
          const { token } = event as { token: string };
          await harness.call("SendTaskSuccess", { taskToken: token, output: "1" });
          return "ignored";
        },
      },
    });
    const executionArn = await harness.start(asking());
    expect(await harness.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", output: "1" });
  });

  it("of an earlier attempt has no effect", async () => {
    const harness = rigThatAsks();
    const retry = [{ ErrorEquals: ["Again"], IntervalSeconds: 1 }];
    const executionArn = await harness.start(asking({ Retry: retry }));
    await harness.call("SendTaskFailure", { taskToken: harness.token(0), error: "Again" });
    await harness.clock.advance(1000);
    expect(harness.token(1)).not.toBe(harness.token(0));
    await expect(
      harness.call("SendTaskSuccess", { taskToken: harness.token(0), output: '"old"' }),
    ).rejects.toMatchObject({ name: "TaskTimedOut" });
    await harness.call("SendTaskSuccess", { taskToken: harness.token(1), output: '"new"' });
    await harness.clock.settled();
    expect(await harness.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"new"' });
  });

  it("is void once a failure in another branch has stopped its branch", async () => {
    const harness = rigThatAsks();
    const executionArn = await harness.start({
      StartAt: "Fork",
      States: {
        Fork: {
          Type: "Parallel",
          Branches: [
            asking(),
            {
              StartAt: "W",
              States: { W: { Type: "Wait", Seconds: 5, Next: "F" }, F: { Type: "Fail", Error: "E" } },
            },
          ],
          Catch: [{ ErrorEquals: ["E"], Next: "Later" }],
          End: true,
        },
        Later: { Type: "Wait", Seconds: 60, End: true },
      },
    });
    await harness.clock.advance(5000);
    await expect(
      harness.call("SendTaskSuccess", { taskToken: harness.token(), output: "1" }),
    ).rejects.toMatchObject({
      name: "TaskTimedOut",
    });
    expect(await harness.types(executionArn)).toEqual(
      expect.arrayContaining(["TaskStateAborted", "ParallelStateFailed", "ParallelStateExited"]),
    );
  });
});

describe("a heartbeat", () => {
  it("moves the limit, but not past the timeout", async () => {
    const harness = rigThatAsks();
    const executionArn = await harness.start(asking({ TimeoutSeconds: 25, HeartbeatSeconds: 10 }));
    for (let beat = 0; beat < 2; beat += 1) {
      await harness.clock.advance(9000);
      await harness.call("SendTaskHeartbeat", { taskToken: harness.token() });
    }
    await harness.clock.advance(6999);
    expect(await harness.describe(executionArn)).toMatchObject({ status: "RUNNING" });
    await harness.clock.advance(1);
    expect(await harness.describe(executionArn)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });

  it("ends the task if it is missed", async () => {
    const harness = rigThatAsks();
    const executionArn = await harness.start(asking({ HeartbeatSeconds: 10 }));
    await harness.clock.advance(9999);
    expect(await harness.describe(executionArn)).toMatchObject({ status: "RUNNING" });
    await harness.clock.advance(1);
    expect(await harness.describe(executionArn)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });
});

it("counts a transition for each state entered and each retry", async () => {
  let calls = 0;
  const harness = new Harness({
    functions: {
      work: () => {
        calls += 1;
        if (calls < 3) throw new Error("not yet");
        return null;
      },
    },
  });
  await harness.start({
    StartAt: "T",
    States: {
      T: { Type: "Task", Resource: lambdaArn("work"), Retry: [{ ErrorEquals: ["States.ALL"] }], Next: "P" },
      P: { Type: "Pass", End: true },
    },
  });
  await harness.clock.advance(10_000);
  expect(harness.transitions).toBe(4);
});
