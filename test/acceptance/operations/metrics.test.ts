import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { METRIC_KEYS, metricName } from "../../../shared/model/metrics.ts";
import { FlowClient, stackTime } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

type Told = Record<string, { times: number; sum: number; largest: number }>;

describe("Sluice's metrics", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("work");
  });
  afterAll(() => stack.close());

  const forget = () => stack.admin.call("DELETE", "/local/metrics");
  const told = () => stack.admin.expect<Told>([200], "GET", "/local/metrics");
  const sums = async (): Promise<Record<string, number>> =>
    Object.fromEntries(Object.entries(await told()).map(([name, { sum }]) => [name, sum]));
  const flow = async (flowId: string): Promise<FlowClient> => {
    await stack.admin.publish(flowId, tasks("work"));
    await forget();
    return new FlowClient(stack.admin, flowId);
  };
  /** All changes have been published and counted by now. */
  const settle = () => stack.admin.call("GET", "/local/events?limit=1");

  it("count the start and the end of a successful run, and nothing else", async () => {
    const plain = await flow("plain");
    await stack.admin.untilStatus((await plain.dispatch({})).runId, "completed");
    await settle();
    expect(await sums()).toEqual({ DispatchesStarted: 1, RunsCompleted: 1 });
    await forget();
    await stack.admin.advance("PT3M");
    expect(await told()).toEqual({});
  });

  it("count queued, rejected and refused records of a held flow, and its drain", async () => {
    const held = await flow("held");
    stack.functions.block("work");
    const parked = await held.dispatch({});
    await stack.admin.untilStatus(parked.runId, "running");
    await stack.admin.act(parked.runId, "pause");
    await held.pause();
    await held.dispatchAll([{}, {}, {}]);
    stack.functions.release("work");
    await stack.admin.act(parked.runId, "cancel");
    await held.resume();
    await stack.admin.advance("PT1M");
    await held.untilCensus({ completed: 3, cancelled: 1 });
    await held.pause({ mode: "reject" });
    expect((await stack.admin.call("POST", "/flows/held/runs", { payload: {} })).status).toBe(409);
    await settle();
    expect(await sums()).toMatchObject({
      ...{ DispatchesStarted: 1, DispatchesQueued: 3, DispatchesRejected: 1, DrainStarted: 3 },
      ...{ RunsCompleted: 3, RunsCancelled: 1, FlowsPaused: 2, FlowsResumed: 1 },
    });
  });

  it("count a throttled start, even if its retry succeeds", async () => {
    const throttled = await flow("throttled");
    await stack.admin.call("POST", "/local/faults", {
      ...{ service: "states", operation: "StartExecution", when: "before", times: 1 },
      error: "ThrottlingException",
    });
    await stack.admin.untilStatus((await throttled.dispatch({})).runId, "completed");
    expect(await sums()).toMatchObject({ DispatchesStarted: 1, StepFunctionsThrottles: 1 });
    expect(await told()).not.toHaveProperty("StartsFailed");
  });

  it("count a failed start and its repair by the sweeper, with its age", async () => {
    const failing = await flow("failing");
    await stack.admin.call("POST", "/local/faults", {
      ...{ service: "states", operation: "StartExecution", when: "before", times: 1 },
    });
    const { runId } = await failing.dispatch({});
    expect(await sums()).toMatchObject({ StartsFailed: 1 });
    await stack.admin.advance("PT3M");
    await stack.admin.untilStatus(runId, "completed");
    const { IntentsRedone, IntentTries, OldestOverdue } = await told();
    expect([IntentsRedone?.sum, IntentTries?.largest]).toEqual([1, 1]);
    // Due after a minute. The sweeper runs once after the clock has been advanced, at the end.
    expect(OldestOverdue?.largest).toBeGreaterThan(60);
    expect(OldestOverdue?.largest).toBeLessThan(180);
  });

  it("measure the delay of a hold's end, and whether the sweeper ended it", async () => {
    const timed = await flow("timed");
    const resumeAt = async (): Promise<string> =>
      new Date((await stackTime(stack.admin)) + 3_600_000).toISOString();
    await timed.pause({ resumeAt: await resumeAt() });
    await stack.admin.advance("PT1H1M");
    const onTime = await told();
    expect(onTime["ResumeLateness"]?.times).toBe(1);
    expect(onTime["ResumeLateness"]?.largest).toBeLessThan(60);
    expect(onTime["HoldsLiftedBySweep"]).toBeUndefined();
    await forget();
    await timed.pause({ resumeAt: await resumeAt() });
    const schedules = `${stack.url}/aws/scheduler/schedules`;
    const { Schedules } = (await (await fetch(`${schedules}?NamePrefix=hold-`)).json()) as {
      Schedules: { Name: string; GroupName: string }[];
    };
    expect(Schedules).toHaveLength(2);
    for (const { Name, GroupName } of Schedules) {
      await fetch(`${schedules}/${Name}?groupName=${GroupName}`, { method: "DELETE" });
    }
    await stack.admin.advance("PT1H3M");
    const late = await told();
    expect((await timed.now()).status).toBe("active");
    expect(late["HoldsLiftedBySweep"]?.sum).toBe(1);
    expect(late["ResumeLateness"]?.largest).toBeGreaterThan(60);
  });

  it("are one line in the embedded metric format on AWS", () => {
    const script = `
      const { metrics, observed } = await import("./functions/telemetry/invocation.ts");
      const { metricsInLog } = await import("./functions/telemetry/publish-metrics.ts");
      const publishMetrics = metricsInLog("sluice");
      const handler = observed(async () => {
        metrics.count("gatesRefused");
        metrics.count("gatesRefused", 2);
        metrics.count("runsFailed", 0);
        for (let i = 0; i < 250; i += 1) metrics.measure("resumeLateness", i);
      }, publishMetrics);
      await handler({}, {});
      await observed(async () => undefined, publishMetrics)({}, {});
    `;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] },
    });
    expect(stderr).toBe("");
    const [line, ...more] = stdout.trim().split("\n");
    expect(more).toEqual([]);
    const { _aws, ResumeLateness, ...rest } = JSON.parse(line ?? "") as {
      _aws: { CloudWatchMetrics: unknown[] };
      ResumeLateness: number[];
    };
    expect(rest).toEqual({ service: "sluice", GatesRefused: 3 });
    expect(ResumeLateness.length).toBeLessThan(100);
    expect(ResumeLateness[0]).toBe(249);
    expect(_aws.CloudWatchMetrics).toEqual([
      {
        Namespace: "Sluice",
        Dimensions: [["service"]],
        Metrics: [
          { Name: "GatesRefused", Unit: "Count" },
          { Name: "ResumeLateness", Unit: "Seconds" },
        ],
      },
    ]);
    expect(METRIC_KEYS.map(metricName)).toContain("GatesRefused");
  });
});
