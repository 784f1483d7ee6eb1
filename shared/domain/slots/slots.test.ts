import { describe, expect, test, vi } from "vitest";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { slotCalls } from "../../../test/harness/domain/slot-calls.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { queuePlace } from "../../store/flows/queues.ts";
import { SlotStore } from "../../store/slots/slots.ts";
import { newRun } from "../dispatch/new-run.ts";
import { deleteFlow } from "../flows/delete-flow.ts";
import { passGate } from "../gates/pass-gate.ts";
import { putCaps } from "../holds/put-caps.ts";
import { resumeRun } from "../repair/resume-run.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { closeRun } from "../runs/close-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { pauseRun } from "../runs/pause-run.ts";
import { sweepSlots } from "../sweep/sweep-slots.ts";
import { fullestKeys } from "./show-slots.ts";

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const { limit, dispatch, several, run, about, end, stepGate, started, holders, waiting } = slotCalls(() => ({
  harness,
  flow,
}));
/** Writes runs that wait for the key, each as a dispatch does. Another one waits there already. */
const stored = async (count: number, waitsFor = ""): Promise<string[]> => {
  const { workspace, flowId, incarnation, version } = flow;
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    harness.now += 10;
    const at = harness.now;
    const runId = harness.deps.ids.runId(at);
    const record = { workspace, flowId, incarnation, version, runId, waitsFor, startedBy: ANN } as const;
    const fresh = newRun({ ...record, runAs: "system" }, at, harness.deps.ids, { queued: true });
    const place = { ...queuePlace(fresh, fresh.createdAt), nonce: harness.deps.ids.unique() };
    await harness.deps.runs.create(fresh, "{}", place);
    ids.push(runId);
  }
  return ids;
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
    ["a cancel", (runId: string) => cancelRun(harness.deps, about(runId))],
    ["a completion that is reported twice", async (runId: string) => [await end(runId), await end(runId)]],
    [
      "a failure",
      async (runId: string) =>
        closeRun(harness.deps, await run(runId), { status: "FAILED", error: "Oh", cause: "no" }),
    ],
    [
      "the deletion of a paused run",
      async (runId: string) => {
        await pauseRun(harness.deps, about(runId));
        expect(started()).toHaveLength(1);
        await deleteRun(harness.deps, about(runId));
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
    await cancelRun(harness.deps, about(cancelled));
    await deleteRun(harness.deps, about(deleted));
    expect(await waiting()).toEqual([paused, last]);
    await pauseRun(harness.deps, about(paused));
    expect(await waiting()).toEqual([last]);
    expect((await fullestKeys(harness.deps, await now())).total.waiting).toBe(1);
    await end(first);
    expect(started()).toEqual([first, last]);
    await resumeRun(harness.deps, about(paused));
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
    const ids = await several(2);
    ids.push(...(await stored(298, (await run(ids[1] ?? "")).waitsFor)), await dispatch());
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
    harness.now += 10 * 60_000;
    for await (const { id } of harness.deps.slots.ofFlow(flow))
      await sweepSlots(harness.deps, { ...flow, id });
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

  describe("set while runs are under way", () => {
    const beyond = (runId: string) => limit({ limit: 2 }, { runIndex: unreadable }).then(() => run(runId));
    const unreadable = new Proxy({} as HoldHarness["deps"]["runIndex"], {
      get: () => () => Promise.reject(new Error("a fault of the test")),
    });

    test("counts them, also above the limit, and starts nothing until enough of them have ended", async () => {
      const open = await several(4);
      await pauseRun(harness.deps, about(open[3]));
      await limit({ limit: 2 });
      expect((await now()).drain).toBeUndefined();
      expect((await now()).uncounted).toBeUndefined();
      expect(await holders()).toEqual([...open].sort());
      const waits = await several(2);
      for (const runId of open.slice(0, 2)) await end(runId);
      expect(started()).toEqual(open);
      await end(open[2]);
      expect(started()).toEqual([...open, waits[0]]);
      await cancelRun(harness.deps, about(open[3]));
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
      const gates = { ...harness.deps, historyMark: () => 1_000 };
      await passGate(gates, stepGate(runId, "one"));
      expect(await holders()).toEqual([runId]);
      expect(await run(runId)).toMatchObject({ status: "running", slot: { key: expect.any(String) } });
      const reads = vi.spyOn(harness.deps.runs, "get");
      await passGate(gates, stepGate(runId, "two"));
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

  test("leaves nothing behind when the flow is deleted", async () => {
    await limit({ limit: 1 });
    for (const runId of await several(3)) await cancelRun(harness.deps, about(runId));
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
    await pauseRun(harness.deps, about(first));
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
});
