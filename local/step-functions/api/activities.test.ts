import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { Harness } from "../test-harness.ts";

const activityArn = "arn:aws:states:us-east-1:000000000000:activity:weigh";
const SECOND = 1_000;
const harnesses: Harness[] = [];
afterEach(async () => {
  for (const harness of harnesses.splice(0)) await harness.close();
});

async function withActivity(database?: string): Promise<Harness> {
  const harness = new Harness(database === undefined ? {} : { database });
  harnesses.push(harness);
  await harness.call("CreateActivity", { name: "weigh" });
  return harness;
}
const flow = (more: JsonObject = {}): JsonObject => ({
  StartAt: "A",
  States: { A: { Type: "Task", Resource: activityArn, End: true, ...more } },
});
const take = async (harness: Harness, workerName = "w"): Promise<string> =>
  String((await harness.call("GetActivityTask", { activityArn, workerName }))["taskToken"]);
const last = async (harness: Harness, executionArn: string) => (await harness.types(executionArn)).at(-2);

it("ends a task with its worker's answer", async () => {
  const harness = await withActivity();
  const executionArn = await harness.start(flow(), { kilos: 3 });
  const { taskToken, input } = await harness.call("GetActivityTask", { activityArn, workerName: "w" });
  expect(input).toBe('{"kilos":3}');
  await harness.call("SendTaskSuccess", { taskToken, output: "3000" });
  await harness.clock.settled();
  expect(await harness.describe(executionArn)).toMatchObject({ status: "SUCCEEDED", output: "3000" });
  expect(await harness.types(executionArn)).toEqual([
    ...["ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted"],
    ...["ActivitySucceeded", "TaskStateExited", "ExecutionSucceeded"],
  ]);
  const started = (await harness.history(executionArn)).find(({ type }) => type === "ActivityStarted");
  expect(started).toMatchObject({ activityStartedEventDetails: { workerName: "w" } });
});

it("fails a task with its worker's error, which Retry and Catch see", async () => {
  const harness = await withActivity();
  const Retry = [{ ErrorEquals: ["Scale.Broken"], MaxAttempts: 1 }];
  const executionArn = await harness.start(flow({ Retry }));
  const fail = async () => {
    const taskToken = await take(harness);
    await harness.call("SendTaskFailure", { taskToken, error: "Scale.Broken", cause: "no battery" });
    await harness.clock.settled();
  };
  await fail();
  await harness.clock.advance(SECOND);
  await fail();
  expect(await harness.describe(executionArn)).toMatchObject({
    ...{ status: "FAILED", error: "Scale.Broken", cause: "no battery" },
  });
  expect(await last(harness, executionArn)).toBe("ActivityFailed");
});

it("gives each task to one worker, the oldest first, and a waiting worker the next one", async () => {
  const harness = await withActivity();
  const stateMachineArn = await harness.create(flow());
  const dispatch = async (input: string) => {
    await harness.call("StartExecution", { stateMachineArn, input });
    await harness.clock.settled();
  };
  await dispatch("1");
  await dispatch("2");
  const inputs = await Promise.all(
    [1, 2, 3].map(async (worker) => {
      if (worker === 3) await Promise.resolve().then(() => setImmediate(() => void dispatch("3")));
      return (await harness.call("GetActivityTask", { activityArn }))["input"];
    }),
  );
  expect(inputs).toEqual(["1", "2", "3"]);
});

it("times a task out, whether a worker has taken it or not", async () => {
  const harness = await withActivity();
  for (const taken of [false, true]) {
    const stateMachineArn = await harness.create(flow({ TimeoutSeconds: 60 }), `times-out-${taken}`);
    const { executionArn } = await harness.call("StartExecution", { stateMachineArn });
    await harness.clock.settled();
    const taskToken = taken ? await take(harness) : undefined;
    await harness.clock.advance(60 * SECOND);
    expect(await harness.describe(String(executionArn))).toMatchObject({
      ...{ status: "FAILED", error: "States.Timeout" },
    });
    expect(await last(harness, String(executionArn))).toBe("ActivityTimedOut");
    if (taskToken !== undefined)
      await expect(harness.call("SendTaskSuccess", { taskToken, output: "1" })).rejects.toMatchObject({
        name: "TaskTimedOut",
      });
  }
  // A task whose time is over is offered to nobody.
  const gone = AbortSignal.timeout(50);
  expect(await harness.call("GetActivityTask", { activityArn }, gone)).toEqual({});
});

it("expects heartbeats from the moment when a worker takes the task", async () => {
  const harness = await withActivity();
  const executionArn = await harness.start(flow({ HeartbeatSeconds: 10 }));
  await harness.clock.advance(3_600 * SECOND);
  const taskToken = await take(harness);
  await harness.clock.advance(9 * SECOND);
  await harness.call("SendTaskHeartbeat", { taskToken });
  await harness.clock.advance(9 * SECOND);
  expect(await harness.describe(executionArn)).toMatchObject({ status: "RUNNING" });
  await harness.clock.advance(SECOND);
  expect(await harness.describe(executionArn)).toMatchObject({ status: "FAILED", error: "States.Timeout" });
});

it("gives no task to a worker that has gone", async () => {
  const harness = await withActivity();
  const gone = new AbortController();
  const polling = harness.call("GetActivityTask", { activityArn }, gone.signal);
  await harness.clock.settled();
  gone.abort();
  expect(await polling).toEqual({});
  await harness.start(flow());
  expect(await take(harness)).not.toBe("undefined");
});

it("does not offer a task of an execution that has been stopped", async () => {
  const harness = await withActivity();
  const executionArn = await harness.start(flow());
  await harness.call("StopExecution", { executionArn });
  expect(await harness.call("GetActivityTask", { activityArn }, AbortSignal.timeout(50))).toEqual({});
});

it("keeps its tasks over a restart", async () => {
  const folder = mkdtempSync(join(tmpdir(), "activities-"));
  const database = join(folder, "states.sqlite");
  const before = await withActivity(database);
  const executionArn = await before.start(flow(), { kilos: 1 });
  await harnesses.pop()?.close();
  const after = new Harness({ database });
  harnesses.push(after);
  await after.recover();
  const taskToken = await take(after);
  await after.call("SendTaskSuccess", { taskToken, output: "1" });
  await after.clock.settled();
  expect(await after.describe(executionArn)).toMatchObject({ status: "SUCCEEDED" });
  await harnesses.pop()?.close();
  rmSync(folder, { recursive: true });
});

it("knows activities by name", async () => {
  const harness = await withActivity();
  expect(await harness.call("CreateActivity", { name: "weigh" })).toMatchObject({ activityArn });
  expect(await harness.call("DescribeActivity", { activityArn })).toMatchObject({ name: "weigh" });
  expect((await harness.call("ListActivities", {}))["activities"]).toMatchObject([{ name: "weigh" }]);
  await harness.call("DeleteActivity", { activityArn });
  await expect(harness.call("GetActivityTask", { activityArn })).rejects.toMatchObject({
    name: "ActivityDoesNotExist",
  });
});
