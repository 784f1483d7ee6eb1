import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { METRIC_KEYS, metricName } from "../../../shared/model/metrics.ts";
import { tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";
import { FlowClient, stackTime } from "../../support/flow-client.ts";

type Told = Record<string, { times: number; sum: number; largest: number }>;

describe("what Sluice measures of itself", () => {
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
  /** What has happened is told to the bus by now, and counted. */
  const settle = () => stack.admin.call("GET", "/local/events?limit=1");

  it("a run that goes well is told once it began and once it is over, and nothing else is said", async () => {
    const plain = await flow("plain");
    await stack.admin.untilStatus((await plain.dispatch({})).runId, "completed");
    await settle();
    expect(await sums()).toEqual({ DispatchesStarted: 1, RunsCompleted: 1 });
    await forget();
    await stack.admin.advance("PT3M");
    expect(await told()).toEqual({});
  });

  it("a flow that is held: what queues, is turned away, is refused at its gate, and what the drain does", async () => {
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

  it("a start that is throttled, also where its retry works", async () => {
    const throttled = await flow("throttled");
    await stack.admin.call("POST", "/local/faults", {
      ...{ service: "states", operation: "StartExecution", when: "before", times: 1 },
      error: "ThrottlingException",
    });
    await stack.admin.untilStatus((await throttled.dispatch({})).runId, "completed");
    expect(await sums()).toMatchObject({ DispatchesStarted: 1, StepFunctionsThrottles: 1 });
    expect(await told()).not.toHaveProperty("StartsFailed");
  });

  it("a start that fails, and its redo by the sweeper, with its age", async () => {
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
    // Due after a minute; the sweeper comes once when the clock has been moved, which is at the end.
    expect(OldestOverdue?.largest).toBeGreaterThan(60);
    expect(OldestOverdue?.largest).toBeLessThan(180);
  });

  it("a hold that ends by its time: how late, and whether the sweeper had to", async () => {
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

  it("on AWS it is one line in the embedded metric format, of names that the code knows", () => {
    const script = `
      const { metrics, observed } = await import("./functions/telemetry/invocation.ts");
      const { metricsInLog } = await import("./functions/telemetry/publish-metrics.ts");
      const publishMetrics = metricsInLog();
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
