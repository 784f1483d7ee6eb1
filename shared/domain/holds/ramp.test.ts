import { describe, expect, test } from "vitest";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { showFlow } from "../flows/show-flows.ts";
import { failRun } from "../runs/fail-run.ts";
import { sweep } from "../sweep/sweep.ts";

const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };
const FAILURE = { error: "Oh", cause: "no", state: "Charge" };

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const dispatch = async (count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const request = { ...asked(), starter: { actor: ANN, permissions: [] }, payload: { i } };
    ids.push((await dispatchRun(harness.deps, request)).record.runId);
  }
  return ids;
};
/** Stores tokens of runs that the flow holds. */
const park = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i += 1) {
    const runId = harness.deps.ids.runId(harness.now);
    const place = { state: "one", path: "", entered: "2026-03-01T12:00:00.000Z" };
    const item = { runId, token: `t-${runId}`, ...place, parkedAt: place.entered, holder: "flow" } as const;
    await harness.deps.parks.put({ ...flow, runId }, item);
  }
};
const parked = async (): Promise<number> => {
  let count = 0;
  for await (const _park of harness.deps.parks.ofFlow(flow)) count += 1;
  return count;
};
const started = () => harness.started.names.length;
const shown = async () => showFlow(harness.deps, await now());
const fail = async (runId: string) => {
  const run = await harness.deps.runs.get(flow.workspace, runId);
  if (run === undefined) throw new Error("The run is gone");
  await failRun(harness.deps, run, FAILURE);
};
/** Runs the drain's batches until the clock shows that time, one a second. */
const drainUntil = async (at: number): Promise<void> => {
  while (harness.now < at) if (!(await harness.drains.step())) return;
};

describe("a ramp", () => {
  test("wakes and starts as many a second as its rate at that time, then as the drain's", async () => {
    await pause();
    await park(3);
    await dispatch(30);
    const { ramp } = await resume({ drainRate: 8, ramp: { from: 2, factor: 2, every: "PT3S" } });
    expect(ramp).toMatchObject({ from: 2, to: 8, factor: 2, every: "PT3S" });
    const seen: number[][] = [];
    for (let second = 0; second < 8; second += 1) {
      await harness.drains.step();
      seen.push([3 - (await parked()), started()]);
    }
    const wakes = [2, 3, 3, 3, 3, 3, 3, 3];
    const starts = [0, 1, 3, 7, 11, 15, 23, 30];
    expect(seen).toEqual(wakes.map((woken, second) => [woken, starts[second]]));
  });

  test("queues new records until it reaches the drain's rate, even if nothing else is left, and starts each once", async () => {
    await pause();
    await dispatch(1);
    await resume({ drainRate: 4, ramp: { from: 1, every: "PT10S" } });
    const since = Date.parse((await now()).ramp?.since ?? "");
    await drainUntil(since + 5_000);
    expect(started()).toBe(1);
    await dispatch(2);
    expect([started(), await harness.deps.counters.queued(flow)]).toEqual([1, 2]);
    await drainUntil(since + 18_500);
    expect(started()).toBe(3);
    await dispatch(1);
    expect(started()).toBe(3);
    await drainUntil(since + 22_000);
    expect(started()).toBe(4);
    expect((await now()).ramp).toBeUndefined();
    await dispatch(1);
    expect(started()).toBe(5);
    // Handlers that read the ramp before it ended may still queue a record: the drain looks once more.
    expect((await now()).drain).toBeDefined();
    await harness.drains.run();
    expect(harness.now - since).toBeGreaterThan(50_000);
    expect((await now()).drain).toBeUndefined();
    expect(new Set(harness.started.names).size).toBe(5);
  });

  test("keeps its rate when the drain dies and the sweeper starts the next one", async () => {
    await pause();
    const ids = await dispatch(12);
    // The sweeper reads the whole table, including other tests' runs.
    const own = () => ids.filter((runId) => harness.started.names.includes(`${runId}.1`)).length;
    await resume({ drainRate: 4, ramp: { from: 1, every: "PT1M" } });
    await harness.drains.step();
    harness.drains.stopAll();
    harness.now += 61_000;
    await sweep(harness.deps, LIMITS);
    await harness.drains.step();
    expect(own()).toBe(3);
    harness.now += 60_000;
    await harness.drains.step();
    expect(own()).toBe(7);
  });

  test("shows its rate, its end and the failures that count against it", async () => {
    await pause();
    const [first = ""] = await dispatch(3);
    await resume({ ramp: { from: 1, stopOn: { failures: 2 } } });
    const since = Date.parse((await now()).ramp?.since ?? "");
    await harness.drains.step();
    await fail(first);
    harness.now = since + 130_000;
    expect((await shown()).ramp).toEqual({
      ...{ from: 1, to: 50, factor: 2, every: "PT1M", stopOn: { failures: 2 } },
      ...{ rate: 4, failures: 1, since: new Date(since).toISOString() },
      endsAt: new Date(since + 360_000).toISOString(),
    });
  });

  test("is stopped by too many failures since the resume: the flow is held, and the rest stays queued", async () => {
    await pause();
    const ids = await dispatch(9);
    await fail(ids[0] ?? "");
    await resume({ ramp: { from: 2, stopOn: { failures: 2 } } });
    await harness.drains.step();
    await fail(ids[1] ?? "");
    await harness.drains.step();
    expect((await now()).holds).toEqual({});
    await fail(ids[2] ?? "");
    await harness.drains.run();
    const held = await now();
    expect(held.holds.errors?.reason).toBe("Ramp stopped: 2 failures since the resume");
    expect([held.ramp, held.drain]).toEqual([undefined, undefined]);
    expect(started()).toBe(3); // the first record had failed in the queue
    const [entry] = await harness.deps.flows.audit(flow, 1);
    expect(entry).toMatchObject({
      ...{ action: "ramp-stopped", actor: { kind: "cap", id: "errors" } },
      ...{ from: "active", to: "paused_safety" },
    });
    // The next ramp counts anew.
    await resume({ ramp: { from: 1, stopOn: { failures: 2 } } });
    await harness.drains.step();
    expect((await now()).holds).toEqual({});
  });

  test("with a share stops only when that part of the ended runs has failed", async () => {
    await pause();
    const ids = await dispatch(4);
    await resume({ ramp: { from: 4, stopOn: { failures: 1, percent: 60 } } });
    await harness.drains.step();
    await harness.deps.ends.completion(flow);
    await fail(ids[0] ?? "");
    await harness.drains.step();
    expect((await now()).holds).toEqual({});
    await fail(ids[1] ?? "");
    await harness.drains.step();
    expect((await now()).holds.errors).toBeDefined();
  });

  test("is stopped by a pause, and a plain resume after that has none", async () => {
    await pause();
    await dispatch(5);
    await resume({ ramp: { from: 1 } });
    await harness.drains.step();
    await pause();
    await harness.drains.run();
    expect([started(), (await now()).ramp]).toEqual([1, undefined]);
    await resume();
    await harness.drains.step();
    expect(started()).toBe(5);
  });

  test("is refused above the drain's rate, beyond 14 days, or beside a hold that stays; nothing is written", async () => {
    await pause();
    const { rev } = await now();
    const invalid = (path: string) => ({ code: "invalid_request", fields: { errors: [{ path }] } });
    await expect(resume({ drainRate: 4, ramp: { from: 5 } })).rejects.toMatchObject(invalid("ramp.from"));
    const slow = { from: 1, factor: 1.1, every: "P1D" };
    await expect(resume({ drainRate: 50, ramp: slow })).rejects.toMatchObject(invalid("ramp"));
    const held = { ...(await now()).holds.manual, id: "spendspendspends" };
    const was = await now();
    await harness.deps.flows.change(was, {
      ...was,
      holds: { ...was.holds, spend: held as never },
      rev: rev + 1,
    });
    await expect(resume({ ramp: { from: 1 } })).rejects.toMatchObject({ code: "action_not_allowed" });
    expect(await now()).toMatchObject({ rev: rev + 1, holds: { manual: {} } });
  });
});
