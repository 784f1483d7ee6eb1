import { describe, expect, test, vi } from "vitest";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { SlotStore } from "../../store/slots/slots.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { deleteFlow } from "../flows/delete-flow.ts";
import { passGate } from "../gates/pass-gate.ts";
import { putCaps } from "../holds/put-caps.ts";
import { resumeRun } from "../repair/resume-run.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { closeRun } from "../runs/close-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { pauseRun } from "../runs/pause-run.ts";
import { sweep } from "../sweep/sweep.ts";
import { fullestKeys } from "./show-slots.ts";

const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const limit = async (
  concurrency: NonNullable<FlowItem["caps"]>["concurrency"],
  faulty: Partial<HoldHarness["deps"]> = {},
) => putCaps({ ...harness.deps, ...faulty }, { ...asked(), caps: { concurrency } });
const dispatch = async (more: { priority?: number; payload?: unknown } = {}): Promise<string> => {
  harness.now += 10;
  const request = { payload: {}, ...more, ...asked(), starter: { actor: ANN, permissions: [] } };
  return (await dispatchRun(harness.deps, request)).record.runId;
};
const several = async (count: number, more: { payload?: unknown } = {}): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) ids.push(await dispatch(more));
  return ids;
};
const run = async (runId: string): Promise<RunItem> => {
  const found = await harness.deps.runs.get(flow.workspace, runId);
  if (found === undefined) throw new Error("The run is gone");
  return found;
};
const of = (runId = "") => ({ workspace: flow.workspace, runId, actor: ANN });
const end = async (runId = "") =>
  closeRun(harness.deps, await run(runId), { status: "SUCCEEDED", output: "1" });
/** Ids of the runs that were started, in order. */
const started = () => harness.started.names.map((name) => name.replace(/\.\d+$/, ""));
/** Ids of the runs that hold a slot, in order of their ids. */
const holders = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { holders: names } of harness.deps.slots.ofFlow(flow)) found.push(...Object.keys(names));
  return found.sort();
};
const waiting = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const id of harness.deps.slotQueues.keys(flow))
    found.push(...(await harness.deps.slotQueues.head(flow, id, 1_000)).map(({ runId }) => runId));
  return found;
};
const sweepAfter = async (ms: number, perShard = LIMITS.perShard) => {
  harness.now += ms;
  await sweep(harness.deps, { ...LIMITS, perShard });
};

describe("a flow with a concurrency limit", () => {
  test("starts as many runs, and the next at each end, by priority and then by time", async () => {
    await limit({ limit: 2 });
    const first = await several(2);
    const ordinary = await several(2);
    const low = await dispatch({ priority: 0 });
    const high = await dispatch({ priority: 9 });
    expect(started()).toEqual(first);
    expect(await run(high)).toMatchObject({ status: "pending", waitsFor: expect.any(String) });
    expect(await waiting()).toEqual([high, ...ordinary, low]);
    const order = [...first];
    for (const next of [high, ...ordinary, low]) {
      await end(order.at(-2));
      order.push(next);
      expect(started()).toEqual(order);
      expect(await holders()).toEqual(order.slice(-2).sort());
    }
    await end(order.at(-2));
    await end(order.at(-1));
    expect(await holders()).toEqual([]);
    expect(await waiting()).toEqual([]);
    const later = await dispatch();
    expect(started().at(-1)).toBe(later);
  });

  test.each([
    ["a cancel", (runId: string) => cancelRun(harness.deps, of(runId))],
    ["a completion that is reported twice", async (runId: string) => [await end(runId), await end(runId)]],
    [
      "a failure",
      async (runId: string) =>
        closeRun(harness.deps, await run(runId), { status: "FAILED", error: "Oh", cause: "no" }),
    ],
    [
      "the deletion of a paused run",
      async (runId: string) => {
        await pauseRun(harness.deps, of(runId));
        expect(started()).toHaveLength(1);
        await deleteRun(harness.deps, of(runId));
      },
    ],
  ])("hands the slot on after %s", async (_name, ends) => {
    await limit({ limit: 1 });
    const [first = "", second = "", third = ""] = await several(3);
    await ends(first);
    expect(started()).toEqual([first, second]);
    expect(await holders()).toEqual([second]);
    expect(await waiting()).toEqual([third]);
    expect((await run(first)).slot).toBeUndefined();
  });

  test("forgets a waiting run that is cancelled or deleted, and lets a paused one wait for its resume", async () => {
    await limit({ limit: 1 });
    const [first = "", cancelled = "", deleted = "", paused = "", last = ""] = await several(5);
    await cancelRun(harness.deps, of(cancelled));
    await deleteRun(harness.deps, of(deleted));
    await pauseRun(harness.deps, of(paused));
    await end(first);
    expect(started()).toEqual([first, last]);
    await resumeRun(harness.deps, of(paused));
    expect(await run(paused)).toMatchObject({ status: "pending", waitsFor: expect.any(String) });
    await end(last);
    expect(started()).toEqual([first, last, paused]);
    expect(await holders()).toEqual([paused]);
  });

  test("starts more at once when the limit is raised, and fewer at the next ends when it is lowered", async () => {
    await limit({ limit: 1 });
    const ids = await several(6);
    await limit({ limit: 4 });
    await harness.drains.run();
    expect(started()).toEqual(ids.slice(0, 4));
    expect((await now()).drain).toBeUndefined();
    await limit({ limit: 1 });
    for (const runId of ids.slice(0, 3)) await end(runId);
    expect(started()).toEqual(ids.slice(0, 4));
    await end(ids[3]);
    expect(started()).toEqual(ids.slice(0, 5));
  });

  test("starts all 300 that wait when the limit is removed, at the drain's rate and in order", async () => {
    await limit({ limit: 1 });
    const ids = await several(301);
    expect(started()).toEqual(ids.slice(0, 1));
    expect(await waiting()).toEqual(ids.slice(1));
    await limit(null);
    await harness.drains.run();
    expect(started()).toEqual(ids);
    expect(await waiting()).toEqual([]);
    expect(await holders()).toEqual([ids[0]]);
    await end(ids[0]);
    expect(await holders()).toEqual([]);
    expect((await now()).limited).toBeUndefined();
    await sweepAfter(10 * 60_000, ids.length);
    for await (const left of harness.deps.slots.ofFlow(flow)) throw new Error(`${left.id} is left`);
  });

  test("keeps the records of a hold in its queue, and gives them slots when it ends", async () => {
    await limit({ limit: 2 });
    const [first = "", second = "", waits = ""] = await several(3);
    await pause();
    const held = await several(3);
    await end(first); // its slot goes to the waiting run, which goes to the hold's queue with it
    expect(started()).toEqual([first, second]);
    expect(await run(waits)).toMatchObject({ status: "pending", slot: { key: expect.any(String) } });
    expect((await run(waits)).waitsFor).toBeUndefined();
    expect(await holders()).toEqual([second, waits].sort());
    await resume();
    await harness.drains.run();
    expect(started()).toEqual([first, second, waits]);
    expect(await waiting()).toEqual(held);
    expect(await harness.deps.counters.queued(flow)).toBe(0);
    await end(second);
    await end(waits);
    expect(started()).toEqual([first, second, waits, ...held.slice(0, 2)]);
  });

  test("race 44: starts from the hold's queue what its limit allows, after all have ended under the hold", async () => {
    await limit({ limit: 2 });
    const begun = await several(2);
    await pause();
    const held = await several(3);
    for (const runId of begun) await end(runId);
    expect(await holders()).toEqual([]);
    await resume();
    await harness.drains.run();
    expect(started()).toEqual([...begun, ...held.slice(0, 2)]);
    expect(await waiting()).toEqual(held.slice(2));
  });

  describe("set while runs are under way", () => {
    const beyond = (runId: string) => limit({ limit: 2 }, { runIndex: unreadable }).then(() => run(runId));
    const unreadable = new Proxy({} as HoldHarness["deps"]["runIndex"], {
      get: () => () => Promise.reject(new Error("a fault of the test")),
    });

    test("counts them, also above the limit, and starts nothing until enough of them have ended", async () => {
      const open = await several(4);
      await pauseRun(harness.deps, of(open[3]));
      await limit({ limit: 2 });
      expect((await now()).drain).toBeUndefined();
      expect((await now()).uncounted).toBeUndefined();
      expect(await holders()).toEqual([...open].sort());
      const waits = await several(2);
      for (const runId of open.slice(0, 2)) await end(runId);
      expect(started()).toEqual(open);
      await end(open[2]);
      expect(started()).toEqual([...open, waits[0]]);
      await cancelRun(harness.deps, of(open[3]));
      expect(started()).toEqual([...open, ...waits]);
      expect(await holders()).toEqual([...waits].sort());
    });

    test("leaves the count to the drain if the request has no time for it", async () => {
      const open = await several(3);
      expect((await beyond(open[0] ?? "")).slot).toBeUndefined();
      expect(await now()).toMatchObject({ uncounted: expect.any(String), drain: {} });
      await harness.drains.run();
      expect(await holders()).toEqual([...open].sort());
      expect((await now()).uncounted).toBeUndefined();
      expect((await now()).drain).toBeUndefined();
    });

    test("counts a run that the index does not show at its next gate, and reads nothing more at those after it", async () => {
      const [runId = ""] = await several(1);
      await beyond(runId);
      const step = (state: string) => ({
        ...{ workspace: flow.workspace, flowId: flow.flowId, incarnation: flow.incarnation },
        ...{ execution: `${runId}.1`, state, kind: "step" as const, path: "" },
        ...{ op: "gate" as const, v: 3 as const, entered: new Date(harness.deps.clock.now()).toISOString() },
      });
      const gates = { ...harness.deps, historyMark: () => 1_000 };
      await passGate(gates, step("one"));
      expect(await holders()).toEqual([runId]);
      expect(await run(runId)).toMatchObject({ status: "running", slot: { key: expect.any(String) } });
      const reads = vi.spyOn(harness.deps.runs, "get");
      await passGate(gates, step("two"));
      expect(reads).not.toHaveBeenCalled();
      reads.mockRestore();
    });

    test("counts them for another key", async () => {
      await limit({ limit: 1, key: "$.customer" });
      const sent = (customer: string) => dispatch({ payload: { customer, region: "north" } });
      const [ann, bea] = [await sent("ann"), await sent("bea")];
      await limit({ limit: 2, key: "$.region" });
      await harness.drains.run();
      const { keys } = await fullestKeys(harness.deps, await now());
      expect(keys).toEqual([{ key: "north", used: 2, paused: 0, waiting: 0 }]);
      expect(await holders()).toEqual([ann, bea].sort());
      const cid = await sent("cid");
      expect(started()).toEqual([ann, bea]);
      await end(ann);
      expect(started()).toEqual([ann, bea, cid]);
    });

    test("gives back what it claimed for a run that ends meanwhile", async () => {
      const [runId = ""] = await several(1);
      const { slots } = harness.deps;
      const claims = vi.spyOn(slots, "claim").mockImplementationOnce(async (...claim) => {
        const claimed = await SlotStore.prototype.claim.apply(slots, claim);
        await end(runId);
        return claimed;
      });
      await limit({ limit: 1 });
      claims.mockRestore();
      expect(await run(runId)).toMatchObject({ status: "completed" });
      expect(await holders()).toEqual([]);
    });
  });

  test("starts nothing after it is lowered from 10 to 1 until nine have ended, and two more when it is raised to 3", async () => {
    await limit({ limit: 10 });
    const open = await several(10);
    const waits = await several(4);
    await limit({ limit: 1 });
    for (const runId of open.slice(0, 9)) await end(runId);
    expect(started()).toEqual(open);
    await end(open[9]);
    expect(started()).toEqual([...open, waits[0]]);
    await limit({ limit: 3 });
    await harness.drains.run();
    expect(started()).toEqual([...open, ...waits.slice(0, 3)]);
    expect(await holders()).toEqual(waits.slice(0, 3).sort());
  });

  describe("beside a hold and a cap", () => {
    const lifts = {
      hold: () => resume(),
      cap: () => putCaps(harness.deps, { ...asked(), caps: { throughput: null } }),
      limit: () => limit(null),
    };
    const names = ["hold", "cap", "limit"] as const;
    const orders = names.flatMap((first) => {
      const [second, third] = names.filter((name) => name !== first) as [
        keyof typeof lifts,
        keyof typeof lifts,
      ];
      return [
        [first, second, third],
        [first, third, second],
      ] as const;
    });
    test.each(orders)("loses no record when they are lifted in the order %s, %s, %s", async (...order) => {
      await limit({ limit: 1 });
      await putCaps(harness.deps, { ...asked(), caps: { throughput: { limit: 2, per: "day" } } });
      const records = await several(4); // one starts, one waits for its slot, and the cap holds the others
      expect((await now()).holds).toHaveProperty("throughput");
      await pause();
      records.push(...(await several(2)));
      for (const lift of order) {
        await lifts[lift]();
        await harness.drains.run();
        const { holds, caps } = await now();
        const isFree = Object.keys(holds).length === 0 && caps.concurrency == null;
        // Without a limit, the starts of a batch overlap.
        expect(started().sort()).toEqual(isFree ? [...records].sort() : records.slice(0, 1));
      }
      expect((await now()).holds).toEqual({});
      expect([await waiting(), await harness.deps.counters.queued(flow)]).toEqual([[], 0]);
    });
  });

  test("lets no more runs through with a canary than it has slots, and the rest of the canary as slots come free", async () => {
    await limit({ limit: 1 });
    const [holder = ""] = await several(1);
    await pause();
    const held = await several(3);
    await resume({ canary: 2 });
    await harness.drains.step();
    expect(started()).toEqual([holder]);
    expect((await now()).canary).toMatchObject({ state: "running", runs: [] });
    expect(await waiting()).toEqual(held);
    expect(await harness.deps.counters.queued(flow)).toBe(0);
    for (const [nth, runId] of [holder, ...held].slice(0, 3).entries()) {
      await end(runId);
      await harness.drains.step();
      expect(started()).toEqual([holder, ...held].slice(0, Math.min(nth + 2, 3)));
      expect(await holders()).toHaveLength(1);
    }
    expect(await now()).toMatchObject({ holds: {}, canary: { state: "passed", runs: held.slice(0, 2) } });
    await harness.drains.run();
    expect(started()).toEqual([holder, ...held]);
    expect(await waiting()).toEqual([]);
  });

  test("race 43: gives back the slot of a run that was never written", async () => {
    await limit({ limit: 1 });
    const { runs } = harness.deps;
    const create = () => Promise.reject(new Error("a fault of the test"));
    const failing = new Proxy(runs, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (name === "create") return create;
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    const request = { payload: {}, ...asked(), starter: { actor: ANN, permissions: [] } };
    await expect(dispatchRun({ ...harness.deps, runs: failing }, request)).rejects.toThrow("a fault");
    expect(await holders()).toHaveLength(1);
    const waits = await dispatch();
    expect(started()).toEqual([]);
    await sweepAfter(4 * 60_000);
    expect(started()).toContain(waits); // the sweep is also that of other tests' flows
    expect(await holders()).toEqual([waits]);
  });

  test("race 36: repeats the release of a run whose process died after its end", async () => {
    await limit({ limit: 1 });
    const [first = "", second = ""] = await several(2);
    const dead = { ...harness.deps.limits, release: async (_deps: unknown, ended: RunItem) => ended };
    await cancelRun({ ...harness.deps, limits: dead }, of(first));
    expect(started()).toEqual([first]);
    await sweepAfter(2 * 60_000);
    expect(started()).toContain(second);
    expect(await holders()).toEqual([second]);
    await sweepAfter(60 * 60_000);
    expect((await run(first)).slot).toBeUndefined();
    expect(await holders()).toEqual([second]);
  });

  test("leaves nothing behind when the flow is deleted", async () => {
    await limit({ limit: 1 });
    for (const runId of await several(3)) await cancelRun(harness.deps, of(runId));
    await deleteFlow(harness.deps, asked());
    expect(await waiting()).toEqual([]);
    expect(await holders()).toEqual([]);
    for await (const left of harness.deps.slots.ofFlow(flow)) throw new Error(`${left.id} is left`);
  });
});

describe("a limit with a key", () => {
  const of = (customer: unknown) => ({ payload: { customer } });

  test("holds up no other key, and records without a value share one", async () => {
    await limit({ limit: 1, key: "$.customer" });
    const ann = await several(3, of("ann"));
    const bea = await several(2, of("bea"));
    const none = [await dispatch(of({ an: "object" })), await dispatch(), await dispatch(of(""))];
    expect(started()).toEqual([ann[0], bea[0], none[0]]);
    await end(bea[0]);
    await end(none[0]);
    expect(started().slice(3)).toEqual([bea[1], none[1]]);
    const { total, keys } = await fullestKeys(harness.deps, await now());
    expect(total).toEqual({ limit: 1, used: 3, paused: 0, waiting: 3 });
    expect(keys).toEqual([
      { key: "ann", used: 1, paused: 0, waiting: 2 },
      { used: 1, paused: 0, waiting: 1 },
      { key: "bea", used: 1, paused: 0, waiting: 0 },
    ]);
  });

  test("takes JSONata, counts paused runs as such, and refuses what is no expression of the payload", async () => {
    await limit({ limit: 2, key: "{% $states.input.customer & '/' & $string($states.input.n) %}" });
    const [first = ""] = await several(2, { payload: { customer: "ann", n: 1 } });
    await pauseRun(harness.deps, { workspace: flow.workspace, runId: first, actor: ANN });
    const waits = await dispatch({ payload: { customer: "ann", n: 1 } });
    expect(await run(waits)).toMatchObject({ waitsFor: expect.any(String) });
    expect((await fullestKeys(harness.deps, await now())).keys).toEqual([
      { key: "ann/1", used: 2, paused: 1, waiting: 1 },
    ]);
    const before = await now();
    for (const key of ["customer", "$.a[*]", "{% $sum( %}", "{% 1 %}", "$$.Execution.Id"])
      await expect(limit({ limit: 1, key })).rejects.toMatchObject({ code: "invalid_request" });
    expect(await now()).toEqual(before);
  });

  test("moves what waits to the keys of another expression, which count the runs under way, and starts what they leave free", async () => {
    await limit({ limit: 1, key: "$.customer" });
    const runs: string[] = [];
    for (const [customer, region] of ["ab", "ac", "bb", "bb"])
      runs.push(await dispatch({ payload: { customer, region } }));
    expect(started()).toEqual([runs[0], runs[2]]);
    await limit({ limit: 1, key: "$.region" });
    await harness.drains.run();
    expect(started().slice(2)).toEqual([runs[1]]); // two of the region "b" are under way
    expect(await waiting()).toEqual([runs[3]]);
    await end(runs[0]);
    expect(started().slice(2)).toEqual([runs[1]]);
    await end(runs[2]);
    expect(started().slice(3)).toEqual([runs[3]]);
    const last = await dispatch({ payload: { region: "b" } });
    expect(started()).not.toContain(last);
    await end(runs[3]);
    expect(started()).toContain(last);
  });

  test("gives an idempotency key one run and one slot, however often it is sent at once", async () => {
    await limit({ limit: 2, key: "$.customer" });
    const send = () => {
      const request = {
        ...asked(),
        starter: { actor: ANN, permissions: [] },
        ...of("ann"),
        idempotencyKey: "k",
      };
      return dispatchRun(harness.deps, request);
    };
    const sent = await Promise.all([send(), send(), send()]);
    expect(new Set(sent.map(({ record }) => record.runId)).size).toBe(1);
    expect(await holders()).toEqual([sent[0]?.record.runId]);
  });
});
