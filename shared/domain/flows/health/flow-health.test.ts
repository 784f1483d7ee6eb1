import { describe, expect, test } from "vitest";
import { ANN, flowCalls, freshFlows } from "../../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../../test/harness/domain/hold-harness.ts";
import { EVENTS } from "../../../model/schemas/events.ts";
import type { FlowItem } from "../../../store/flows/flow-item.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import type { Table } from "../../../store/table.ts";
import { dispatchRun } from "../../dispatch/dispatch-run.ts";
import { parkGate } from "../../gates/park-gate.ts";
import { passInlineGate } from "../../gates/pass-gate.ts";
import { putCaps } from "../../holds/put-caps.ts";
import { failRun } from "../../runs/fail-run.ts";
import { sweep } from "../../sweep/sweep.ts";
import { flowHealth } from "./flow-health.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

let harness: HoldHarness;
let flow: FlowItem;
let table: Table;
freshFlows((fresh) => {
  ({ harness, flow, table } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const health = async () => flowHealth(harness.deps, await now());
const dispatch = async (): Promise<RunItem> => {
  const request = { ...asked(), starter: { actor: ANN, permissions: [] }, payload: {} };
  return (await dispatchRun(harness.deps, request)).record;
};
const visit = ({ runId }: RunItem, state: string) => ({
  ...{ v: 2, workspace: flow.workspace, flowId: flow.flowId, incarnation: flow.incarnation },
  ...{ execution: `${runId}.1`, state, path: "", entered: new Date(harness.now).toISOString() },
});
const pass = async (run: RunItem, state: string): Promise<void> => {
  harness.now += 10;
  await passInlineGate(harness.deps, { ...visit(run, state), op: "gate", kind: "step", type: "Task" });
};
const counted = (metric: "capsNearlyReached" | "heldQueuesGrowing" | "runsOverdue") =>
  harness.measured.get(metric)?.[0] ?? 0;

describe("the health of a flow", () => {
  test("is empty while nothing waits", async () => {
    expect(await health()).toEqual({
      ...{ oldestParkedAt: null, oldestQueuedAt: null, queueGrowthPerMinute: 0, drain: null },
      ...{ failureRate: { minute: 0, hour: 0 }, overdue: 0 },
    });
  });

  test("has the run that stands longest, the oldest queued record, the queue's growth and the end of its drain", async () => {
    const runs = [await dispatch(), await dispatch()];
    for (const run of runs) await pass(run, "One");
    await pause();
    for (const run of runs) {
      await expect(pass(run, "Two")).rejects.toThrow();
      await parkGate(harness.deps, { ...visit(run, "Two"), op: "park", token: run.runId });
    }
    const queued = [];
    for (let n = 0; n < 10; n += 1) queued.push(await dispatch());
    const held = await health();
    const [first] = runs;
    const { parkedAt } = (await harness.deps.runs.get(flow.workspace, first?.runId ?? "")) ?? {};
    expect(parkedAt).toBeDefined();
    expect(held).toMatchObject({
      oldestParkedAt: parkedAt,
      oldestQueuedAt: queued[0]?.queuedAt,
      drain: null,
    });
    expect(held.queueGrowthPerMinute).toBe(10);
    await resume({ drainRate: 2 });
    const { drain, queueGrowthPerMinute } = await health();
    expect(drain?.rate).toBe(2);
    expect(queueGrowthPerMinute).toBe(-10);
    expect((Date.parse(drain?.endsAt ?? "") - harness.now) / 1_000).toBeCloseTo(5, 0);
  });

  test("counts the failures of the last minute and hour", async () => {
    const failure = { error: "Oh", cause: "no", state: "One" };
    const fail = async () =>
      failRun(harness.deps, await dispatch(), failure, { stop: false, still: () => true });
    await fail();
    harness.now += 2 * HOUR;
    await fail();
    harness.now += 10 * MINUTE;
    await fail();
    await fail();
    expect((await health()).failureRate).toEqual({ minute: 2, hour: 3 });
  });
});

describe("a run that lasts longer than expected", () => {
  test("is overdue from then on, with one event, and goes on", async () => {
    flow = await harness.flow(table, `${flow.flowId}-expects`, { expect: "PT2H" });
    const run = await dispatch();
    await pass(run, "One");
    const { expectedBy = "" } = (await harness.deps.runs.get(run.workspace, run.runId)) ?? {};
    expect(Date.parse(expectedBy) - harness.now).toBeGreaterThan(2 * HOUR - MINUTE);
    harness.now = Date.parse(expectedBy) - MINUTE;
    await sweep(harness.deps, LIMITS);
    expect((await health()).overdue).toBe(0);
    harness.now = Date.parse(expectedBy) + 1;
    expect((await health()).overdue).toBe(1);
    for (let n = 0; n < 3; n += 1) await sweep(harness.deps, LIMITS);
    const own = harness.published.filter(({ detail }) => "runId" in detail && detail.runId === run.runId);
    expect(own).toHaveLength(1);
    expect(own[0]?.type).toBe("Run is overdue");
    expect(EVENTS["Run is overdue"].detail.parse(own[0]?.detail)).toMatchObject({
      expectedBy,
      status: "running",
    });
    expect((await health()).overdue).toBe(1);
    await pass(run, "Two");
    const after = await harness.deps.runs.get(run.workspace, run.runId);
    expect(after).toMatchObject({ status: "running", overdueSince: expectedBy });
    expect(after?.expectedBy).toBeUndefined();
  });

  test("is reported again if the event could not be published", async () => {
    flow = await harness.flow(table, `${flow.flowId}-lost`, { expect: "PT1H" });
    const run = await dispatch();
    await pass(run, "One");
    harness.now += 2 * HOUR;
    const failing = { ...harness.deps, events: { put: () => Promise.reject(new Error("no bus")) } };
    await sweep(failing, LIMITS);
    expect((await harness.deps.runs.get(run.workspace, run.runId))?.overdueSince).toBeUndefined();
    harness.now += MINUTE;
    await sweep(harness.deps, LIMITS);
    expect((await harness.deps.runs.get(run.workspace, run.runId))?.overdueSince).toBeDefined();
  });
});

describe("warnings", () => {
  test("a cap counts as nearly reached once in its window, at 80 %", async () => {
    await putCaps(harness.deps, { ...asked(), caps: { throughput: { limit: 10, per: "day" } } });
    for (let n = 1; n <= 7; n += 1) await dispatch();
    expect(counted("capsNearlyReached")).toBe(0);
    await dispatch();
    expect(counted("capsNearlyReached")).toBe(1);
    for (let n = 9; n <= 12; n += 1) await dispatch();
    expect(counted("capsNearlyReached")).toBe(1);
  });

  test("a queue that grows counts only after a day of the pause", async () => {
    await pause();
    const sweeps = async (hours: number) => {
      await dispatch();
      for (let hour = 0; hour < hours; hour += 1) {
        harness.now += HOUR;
        await sweep(harness.deps, LIMITS);
      }
    };
    await sweeps(22);
    await sweeps(1);
    expect(counted("heldQueuesGrowing")).toBe(0);
    await sweeps(48);
    expect(counted("heldQueuesGrowing")).toBe(1);
    await sweeps(48);
    expect(counted("heldQueuesGrowing")).toBe(2);
    for (let hour = 0; hour < 48; hour += 1) {
      harness.now += HOUR;
      await sweep(harness.deps, LIMITS);
    }
    expect(counted("heldQueuesGrowing")).toBe(2);
  });
});
