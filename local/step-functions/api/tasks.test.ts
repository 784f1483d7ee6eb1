import { describe, expect, it } from "vitest";
import { lambdaArn, Rig, WAITING_TASK } from "../harness.ts";

const asking = (fields: object = {}) => ({ StartAt: "Ask", States: { Ask: { ...WAITING_TASK, ...fields } } });
const rigThatAsks = () => new Rig({ functions: { ask: () => null } });

describe("a task token", () => {
  it("is answered once: the second answer finds that the task is over", async () => {
    const rig = rigThatAsks();
    const executionArn = await rig.start(asking());
    const taskToken = rig.token();
    await rig.call("SendTaskSuccess", { taskToken, output: '"first"' });
    for (const again of [
      rig.call("SendTaskSuccess", { taskToken, output: '"second"' }),
      rig.call("SendTaskFailure", { taskToken }),
      rig.call("SendTaskHeartbeat", { taskToken }),
    ])
      await expect(again).rejects.toMatchObject({
        name: "TaskTimedOut",
        message: "Task Timed Out: 'Provided task does not exist anymore'",
      });
    await rig.clock.settled();
    expect(await rig.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"first"' });
  });

  it("that never was is invalid, and an output that is no JSON is refused without harm", async () => {
    const rig = rigThatAsks();
    const executionArn = await rig.start(asking());
    await expect(rig.call("SendTaskSuccess", { taskToken: "none", output: "1" })).rejects.toMatchObject({
      name: "InvalidToken",
      message: "Invalid Token: 'Invalid token'",
    });
    const taskToken = rig.token();
    await expect(rig.call("SendTaskSuccess", { taskToken, output: "{" })).rejects.toMatchObject({
      name: "InvalidOutput",
    });
    await expect(
      rig.call("SendTaskSuccess", { taskToken, output: `"${"x".repeat(262_143)}"` }),
    ).rejects.toMatchObject({ name: "ValidationException" });
    expect(await rig.describe(executionArn)).toMatchObject({ status: "RUNNING" });
  });

  it("may be answered by the very function that is given it", async () => {
    const rig: Rig = new Rig({
      functions: {
        ask: async (event) => {
          const { token } = event as { token: string };
          await rig.call("SendTaskSuccess", { taskToken: token, output: "1" });
          return "ignored";
        },
      },
    });
    const executionArn = await rig.start(asking());
    expect(await rig.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", output: "1" });
  });

  it("of an earlier attempt settles nothing", async () => {
    const rig = rigThatAsks();
    const retry = [{ ErrorEquals: ["Again"], IntervalSeconds: 1 }];
    const executionArn = await rig.start(asking({ Retry: retry }));
    await rig.call("SendTaskFailure", { taskToken: rig.token(0), error: "Again" });
    await rig.clock.advance(1000);
    expect(rig.token(1)).not.toBe(rig.token(0));
    await expect(
      rig.call("SendTaskSuccess", { taskToken: rig.token(0), output: '"old"' }),
    ).rejects.toMatchObject({ name: "TaskTimedOut" });
    await rig.call("SendTaskSuccess", { taskToken: rig.token(1), output: '"new"' });
    await rig.clock.settled();
    expect(await rig.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", output: '"new"' });
  });

  it("is void once its branch was stopped by a failure beside it", async () => {
    const rig = rigThatAsks();
    const executionArn = await rig.start({
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
    await rig.clock.advance(5000);
    await expect(rig.call("SendTaskSuccess", { taskToken: rig.token(), output: "1" })).rejects.toMatchObject({
      name: "TaskTimedOut",
    });
    expect(await rig.types(executionArn)).toEqual(
      expect.arrayContaining(["TaskStateAborted", "ParallelStateFailed", "ParallelStateExited"]),
    );
  });
});

describe("a heartbeat", () => {
  it("moves the limit, but not past the time-out", async () => {
    const rig = rigThatAsks();
    const executionArn = await rig.start(asking({ TimeoutSeconds: 25, HeartbeatSeconds: 10 }));
    for (let beat = 0; beat < 2; beat += 1) {
      await rig.clock.advance(9000);
      await rig.call("SendTaskHeartbeat", { taskToken: rig.token() });
    }
    await rig.clock.advance(6999);
    expect(await rig.describe(executionArn)).toMatchObject({ status: "RUNNING" });
    await rig.clock.advance(1);
    expect(await rig.describe(executionArn)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });

  it("that is missed ends the task", async () => {
    const rig = rigThatAsks();
    const executionArn = await rig.start(asking({ HeartbeatSeconds: 10 }));
    await rig.clock.advance(9999);
    expect(await rig.describe(executionArn)).toMatchObject({ status: "RUNNING" });
    await rig.clock.advance(1);
    expect(await rig.describe(executionArn)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
  });
});

it("counts a transition for each state entered and each retry", async () => {
  let calls = 0;
  const rig = new Rig({
    functions: {
      work: () => {
        calls += 1;
        if (calls < 3) throw new Error("not yet");
        return null;
      },
    },
  });
  await rig.start({
    StartAt: "T",
    States: {
      T: { Type: "Task", Resource: lambdaArn("work"), Retry: [{ ErrorEquals: ["States.ALL"] }], Next: "P" },
      P: { Type: "Pass", End: true },
    },
  });
  await rig.clock.advance(10_000);
  expect(rig.transitions).toBe(4);
});
