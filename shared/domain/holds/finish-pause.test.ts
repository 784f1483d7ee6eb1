import { describe, expect, test } from "vitest";
import { flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { parkGate } from "../gates/park-gate.ts";
import { passGate, passInlineGate } from "../gates/pass-gate.ts";
import { sweep } from "../sweep/sweep.ts";
import { addSafetyHold } from "./add-hold.ts";
import { autoPause } from "./begin-pause.ts";
import { pauseFlow } from "./pause-flow.ts";
import { planPause } from "./plan-pause.ts";

const HOUR = 3_600_000;
const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, resume, now } = flowCalls(() => ({ harness, flow }));
const finish = (finishWithin?: string) =>
  pauseFlow(harness.deps, { ...asked(), mode: "finish", finishWithin });
const copy = () => harness.deps.holds.get(flow.workspace, flow.flowId, flow.incarnation);
const dispatch = async (): Promise<RunItem> =>
  (
    await dispatchRun(harness.deps, {
      ...asked(),
      starter: { actor: asked().actor, permissions: [] },
      payload: {},
    })
  ).record;
const visit = ({ runId }: RunItem, state: string) => ({
  ...{ v: 2, workspace: flow.workspace, flowId: flow.flowId, incarnation: flow.incarnation },
  ...{ execution: `${runId}.1`, state, path: "", entered: new Date(harness.now).toISOString() },
});
/** Whether the gate before a state lets the run pass. */
const passes = async (run: RunItem, state: string): Promise<boolean> => {
  harness.now += 10;
  try {
    await passInlineGate(harness.deps, { ...visit(run, state), op: "gate", kind: "step", type: "Task" });
    return true;
  } catch (error) {
    if ((error as Error).name === "Sluice.Paused") return false;
    throw error;
  }
};
/** Whether the gate at the end lets the run complete. */
const ends = async (run: RunItem): Promise<boolean> => {
  const event = { ...visit(run, ""), op: "gate", kind: "complete" } as const;
  await passGate({ ...harness.deps, historyMark: () => 24_000 }, event);
  return (await reread(run))?.status === "completed";
};
const park = (run: RunItem, state: string, token: string) =>
  parkGate(harness.deps, { ...visit(run, state), op: "park", token });
const parks = async (): Promise<string[]> => {
  const tokens: string[] = [];
  for await (const { token } of harness.deps.parks.ofFlow(flow)) tokens.push(token);
  return tokens;
};
const reread = async ({ workspace, runId }: RunItem) => harness.deps.runs.get(workspace, runId);

describe("a pause that lets runs finish", () => {
  test("lets runs pass that have begun, holds others at their first gate, and queues new records", async () => {
    const begun = await dispatch();
    const fresh = await dispatch();
    expect(await passes(begun, "One")).toBe(true);
    const paused = await finish("PT2H");
    expect(paused.mode).toBe("queue");
    const { since = "", finishUntil = "", resumeAt = "" } = paused.holds.manual ?? {};
    expect(Date.parse(finishUntil) - Date.parse(since)).toBe(2 * HOUR);
    expect(Date.parse(resumeAt) - Date.parse(since)).toBe(14 * 24 * HOUR);
    expect(await passes(begun, "Two")).toBe(true);
    expect(await passes(fresh, "One")).toBe(false);
    expect((await reread(fresh))?.pausedBy).toMatchObject({ holdIds: [paused.holds.manual?.id] });
    expect((await dispatch()).queuedAt).toBeDefined();
    expect(await harness.deps.counters.queued(flow)).toBe(1);
  });

  test("holds what is left when the time is over, and says so to older gates by the next sweep", async () => {
    const begun = await dispatch();
    await passes(begun, "One");
    const { holds } = await finish("PT2H");
    expect(await copy()).toMatchObject({ holds: {}, finishing: { manual: { id: holds.manual?.id } } });
    harness.now = Date.parse(holds.manual?.finishUntil ?? "") - 100;
    expect(await passes(begun, "Two")).toBe(true);
    harness.now = Date.parse(holds.manual?.finishUntil ?? "");
    expect(await passes(begun, "Three")).toBe(false);
    await sweep(harness.deps, LIMITS);
    const frozen = await copy();
    expect(frozen?.holds.manual?.id).toBe(holds.manual?.id);
    expect(frozen?.finishing).toBeUndefined();
    const { rev } = await now();
    await sweep(harness.deps, LIMITS);
    expect((await now()).rev).toBe(rev);
    expect(await harness.deps.flows.audit(flow, 1)).toMatchObject([
      { action: "freeze", actor: { kind: "system" }, from: "paused", to: "paused" },
    ]);
    await resume();
    expect(await passes(begun, "Three")).toBe(true);
  });

  test.each([
    ["30 s ahead", 30_000, true],
    ["30 s behind", -30_000, true],
    ["two minutes ahead", 120_000, false],
  ])("lets a run pass that began a moment before by a clock that is %s", async (_, skew, expected) => {
    const begun = await dispatch();
    harness.now += skew;
    expect(await passes(begun, "One")).toBe(true);
    harness.now -= skew;
    await finish();
    harness.now += Math.max(skew, 0);
    expect(await passes(begun, "Two")).toBe(expected);
  });

  test("parks a gate whose clock is ahead at the end of the time, and does not wake it", async () => {
    const begun = await dispatch();
    await passes(begun, "One");
    const { holds } = await finish("PT1H");
    const end = Date.parse(holds.manual?.finishUntil ?? "");
    harness.now = end + 15_000;
    expect(await passes(begun, "Two")).toBe(false);
    harness.now = end - 15_000;
    await park(begun, "Two", "token");
    expect(await parks()).toEqual(["token"]);
  });

  test("50 runs under way, 20 new records: those that end in time end, what is left stands, whatever the clocks", async () => {
    /** Calls a gate whose clock differs by 30 s from that of others, either way. */
    const at = async <T>(nth: number, call: () => Promise<T>): Promise<T> => {
      const skew = [0, 30_000, -30_000][nth % 3] ?? 0;
      harness.now += skew;
      const answer = await call();
      harness.now -= skew;
      return answer;
    };
    const begun: RunItem[] = [];
    for (let nth = 0; nth < 50; nth += 1) {
      const run = await dispatch();
      expect(await at(nth, () => passes(run, "One"))).toBe(true);
      begun.push(run);
    }
    const { holds } = await finish("PT2H");
    for (let nth = 0; nth < 20; nth += 1) expect((await dispatch()).queuedAt).toBeDefined();
    const deadline = Date.parse(holds.manual?.finishUntil ?? "");
    harness.now += HOUR;
    for (const [nth, run] of begun.entries()) expect(await at(nth, () => passes(run, "Two"))).toBe(true);
    harness.now = deadline - 40_000;
    for (const [nth, run] of begun.slice(0, 30).entries()) expect(await at(nth, () => ends(run))).toBe(true);
    harness.now = deadline + 40_000;
    for (const [nth, run] of begun.slice(30).entries()) {
      expect(await at(nth, () => passes(run, "Three"))).toBe(false);
      await at(nth + 1, () => park(run, "Three", run.runId));
    }
    expect((await parks()).sort()).toEqual(begun.slice(30).map(({ runId }) => runId));
    const census = async () => {
      const counts: Record<string, number> = {};
      for (const { runId } of begun) {
        const { status = "gone" } = (await harness.deps.runs.get(flow.workspace, runId)) ?? {};
        counts[status] = (counts[status] ?? 0) + 1;
      }
      return counts;
    };
    expect(await census()).toEqual({ completed: 30, paused: 20 });
    expect(await harness.deps.counters.queued(flow)).toBe(20);
    const started = harness.started.names.length;
    await resume();
    await harness.drains.run();
    expect([await parks(), harness.started.names.length - started]).toEqual([[], 20]);
  });

  test("does not outlast the hold, and lasts as long as it by default", async () => {
    const resumeAt = new Date(harness.now + HOUR).toISOString();
    const request = { ...asked(), mode: "finish" as const, resumeAt };
    const { holds } = await pauseFlow(harness.deps, { ...request, finishWithin: "P1D" });
    expect(holds.manual?.finishUntil).toBe(resumeAt);
    await resume();
    expect((await pauseFlow(harness.deps, request)).holds.manual?.finishUntil).toBe(resumeAt);
  });

  test("beside a cap, holds all; when the cap's hold is lifted, wakes those that may finish and starts no record", async () => {
    const begun = await dispatch();
    await passes(begun, "One");
    const fresh = await dispatch();
    await finish("PT2H");
    await addSafetyHold(harness.deps, flow, { kind: "throughput", reason: "reached" });
    expect(await passes(begun, "Two")).toBe(false);
    await park(begun, "Two", "begun");
    expect(await passes(fresh, "One")).toBe(false);
    await park(fresh, "One", "fresh");
    const queued = await dispatch();
    expect((await parks()).sort()).toEqual(["begun", "fresh"]);
    const lifted = await resume({ holds: ["throughput"] });
    expect(Object.keys(lifted.holds)).toEqual(["manual"]);
    await harness.drains.run();
    expect(await parks()).toEqual(["fresh"]);
    expect((await now()).drain).toBeUndefined();
    expect((await reread(queued))?.queuedAt).toBeDefined();
    expect(await harness.deps.counters.queued(flow)).toBe(1);
    await resume();
    await harness.drains.run();
    expect(await parks()).toEqual([]);
    expect(harness.started.names.some((name) => name.startsWith(queued.runId))).toBe(true);
    expect(await harness.deps.counters.queued(flow)).toBe(0);
  });

  test("in the middle of a drain, lets the drain wake the rest of what has begun", async () => {
    const begun = await dispatch();
    await passes(begun, "One");
    await pauseFlow(harness.deps, { ...asked(), mode: "queue" });
    await passes(begun, "Two");
    await park(begun, "Two", "token");
    const queued = await dispatch();
    await resume();
    await finish("PT2H");
    harness.drains.stopAll();
    expect(await parks()).toEqual(["token"]);
    harness.now += 1_000;
    await sweep(harness.deps, LIMITS);
    await harness.drains.run();
    expect(await parks()).toEqual([]);
    expect((await reread(queued))?.queuedAt).toBeDefined();
  });

  test("can be planned", async () => {
    const startAt = new Date(harness.now + HOUR).toISOString();
    const request = { ...asked(), mode: "finish" as const, finishWithin: "PT30M", startAt };
    const { scheduledPause } = await planPause(harness.deps, request);
    expect(scheduledPause).toMatchObject({ mode: "finish", finishWithin: "PT30M" });
    harness.now = Date.parse(startAt);
    const event = [...harness.schedules.begins.values()].at(-1)?.event;
    if (event !== undefined) await autoPause(harness.deps, event);
    const { since = "", finishUntil = "" } = (await now()).holds.manual ?? {};
    expect(Date.parse(finishUntil) - Date.parse(since)).toBe(HOUR / 2);
    expect((await now()).mode).toBe("queue");
  });
});
