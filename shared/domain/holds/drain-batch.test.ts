import { describe, expect, test } from "vitest";
import { afterFirst } from "../../../test/harness/domain/between.ts";
import { FLOW_KINDS } from "../../../test/harness/domain/flow-kinds.ts";
import { ANN, flowCalls, freshFlows, ofKind } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { attachedMachine } from "../../store/flows/attachments.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { Table } from "../../store/table.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { newRun } from "../dispatch/new-run.ts";
import { resumeRun } from "../repair/resume-run.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { pauseRun } from "../runs/pause-run.ts";
import { sweep } from "../sweep/sweep.ts";
import { drainBatch } from "./drain-batch.ts";

const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

let table: Table;
let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ table, harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const dispatchOne = async (more: { priority?: number; idempotencyKey?: string } = {}): Promise<string> => {
  const request = { ...asked(), starter: { actor: ANN, permissions: [] }, payload: {}, ...more };
  return (await dispatchRun(harness.deps, request)).record.runId;
};
const dispatch = async (count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) ids.push(await dispatchOne());
  return ids;
};
describe("a drain", () => {
  test("starts queued runs in order at its rate, and ends after a last check of the empty queue", async () => {
    await pause();
    const queued = await dispatch(7);
    expect(harness.started.names).toEqual([]);
    expect(await harness.deps.counters.queued(flow)).toBe(7);
    await resume({ drainRate: 3 });
    for (const expected of [3, 6, 7]) {
      await harness.drains.step();
      expect(harness.started.names).toHaveLength(expected);
      expect(await harness.deps.counters.queued(flow)).toBe(7 - expected);
    }
    // Starts of one batch may overlap; the batches are in order.
    const names = queued.map((runId) => `${runId}.1`);
    expect(harness.started.names.slice(0, 3).sort()).toEqual(names.slice(0, 3).sort());
    expect(harness.started.names.slice(3, 6).sort()).toEqual(names.slice(3, 6).sort());
    expect((await now()).drain).toBeDefined();
    const lifted = Date.parse((await now()).drain?.since ?? "");
    await harness.drains.run();
    expect((await now()).drain).toBeUndefined();
    expect(harness.now - lifted).toBeGreaterThan(30_000);
  });

  test("starts records of a higher priority first, and those of one priority by time", async () => {
    await pause();
    const ids: Record<number, string[]> = {};
    for (const priority of [0, 5, 9, 4, 6, 9, 0, 5]) {
      harness.now += 1_000;
      const runId = await dispatchOne(priority === 5 ? {} : { priority });
      ids[priority] = [...(ids[priority] ?? []), runId];
    }
    const ordered = [9, 6, 5, 4, 0].flatMap((priority) => ids[priority] ?? []);
    expect((await harness.deps.queues.head(flow, 10)).map(({ runId }) => runId)).toEqual(ordered);
    const [first = "", second = ""] = ordered;
    const of = { workspace: flow.workspace, runId: second, actor: ANN };
    await pauseRun(harness.deps, of);
    await resumeRun(harness.deps, of);
    await cancelRun(harness.deps, { ...of, runId: first });
    expect((await harness.deps.queues.head(flow, 10)).map(({ runId }) => runId)).toEqual(ordered.slice(1));
    await resume({ drainRate: 1 });
    await harness.drains.run();
    expect(harness.started.names).toEqual(ordered.slice(1).map((runId) => `${runId}.1`));
  });

  test("takes another priority with an idempotency key for another request, and 5 for none", async () => {
    await pause();
    const runId = await dispatchOne({ idempotencyKey: "k" });
    expect(await dispatchOne({ idempotencyKey: "k", priority: 5 })).toBe(runId);
    const other = dispatchOne({ idempotencyKey: "k", priority: 6 });
    await expect(other).rejects.toMatchObject({ code: "idempotency_key_reused" });
  });

  test.each([0.5, 1.5, 999.999])(
    "of an earlier release, at a rate of %d per second, starts every record",
    async (rate) => {
      await pause();
      await dispatch(3);
      await resume({ drainRate: rate });
      await harness.drains.run();
      expect(harness.started.names).toHaveLength(3);
      expect((await now()).drain).toBeUndefined();
    },
  );

  test.each(FLOW_KINDS)(
    "race 27: finds the record of a dispatcher that read the hold, was slow, and died after it wrote (%s flow)",
    async (kind) => {
      flow = await ofKind(kind, { harness, flow });
      await pause();
      await dispatch(1);
      await resume();
      await harness.drains.step();
      await harness.drains.step();
      const { ids } = harness.deps;
      const at = harness.now;
      const machine = attachedMachine(flow);
      const run = {
        ...{ ...asked(), runId: ids.runId(at), incarnation: flow.incarnation, version: 1 },
        ...(machine === undefined ? {} : { machine }),
      };
      const late = newRun({ ...run, startedBy: ANN, runAs: "system" }, at, ids, { queued: true });
      const item = { runId: late.runId, time: late.createdAt, nonce: ids.unique() };
      await harness.deps.runs.create(late, "{}", item);
      await harness.drains.run();
      expect(harness.started.names).toContain(`${late.runId}.1`);
    },
  );

  test.each(FLOW_KINDS)(
    "race 20: starts the record that a process took off the queue before it died (%s flow)",
    async (kind) => {
      flow = await ofKind(kind, { harness, flow });
      await pause();
      const [runId = ""] = await dispatch(1);
      const [item] = await harness.deps.queues.head(flow, 1);
      if (item === undefined) throw new Error("Nothing is queued");
      const at = new Date(harness.now).toISOString();
      const intent = { id: "of-the-dead", due: at, kinds: ["start"] as const, tries: 0 };
      await harness.deps.runs.dequeue(flow.workspace, item, intent, at);
      await resume();
      await harness.drains.run();
      expect(harness.started.names).toEqual([`${runId}.1`]);
      expect(await harness.deps.queues.head(flow, 1)).toEqual([]);
    },
  );

  test("keeps a user's pause, and drops runs that were cancelled or deleted", async () => {
    await pause();
    const [paused = "", cancelled = "", deleted = "", kept = ""] = await dispatch(4);
    const of = (runId: string) => ({ workspace: flow.workspace, runId, actor: ANN });
    await pauseRun(harness.deps, of(paused));
    await cancelRun(harness.deps, of(cancelled));
    await deleteRun(harness.deps, of(deleted));
    expect(await harness.deps.counters.queued(flow)).toBe(1);
    await resume();
    await harness.drains.run();
    expect(harness.started.names).toEqual([`${kept}.1`]);
    expect((await harness.deps.runs.get(flow.workspace, paused))?.status).toBe("paused");
    await resumeRun(harness.deps, of(paused));
    expect(harness.started.names).toEqual([`${kept}.1`, `${paused}.1`]);
  });

  test("starts a run that was paused and resumed in the queue at its old position", async () => {
    await pause();
    const ids = await dispatch(3);
    const first = { workspace: flow.workspace, runId: ids[0] ?? "", actor: ANN };
    await pauseRun(harness.deps, first);
    const back = await resumeRun(harness.deps, first);
    expect(back).toMatchObject({ status: "pending", queuedAt: back.createdAt });
    expect((await harness.deps.queues.head(flow, 5)).map(({ runId }) => runId)).toEqual(ids);
    expect(await harness.deps.counters.queued(flow)).toBe(3);
  });

  test.each(FLOW_KINDS)(
    "race 16: stops when the flow is held again, and leaves the rest queued in order (%s flow)",
    async (kind) => {
      flow = await ofKind(kind, { harness, flow });
      await pause();
      const queued = await dispatch(6);
      await resume({ drainRate: 2 });
      await harness.drains.step();
      await pause();
      await harness.drains.run();
      expect(harness.started.names).toHaveLength(2);
      expect((await harness.deps.queues.head(flow, 10)).map(({ runId }) => runId)).toEqual(queued.slice(2));
      await resume();
      await harness.drains.run();
      expect(harness.started.names).toHaveLength(6);
    },
  );

  test("stops within its batch when the flow is held again, even in a later epoch", async () => {
    await pause();
    const queued = await dispatch(60);
    const { drain, epoch } = await resume({ drainRate: 100 });
    const executions = afterFirst(harness.deps.executions, "start", () => pause());
    const state = {
      ...asked(),
      incarnation: flow.incarnation,
      epoch,
      attempt: drain?.attempt ?? 0,
      batches: 0,
    };
    await drainBatch({ ...harness.deps, executions }, state);
    // The hold is read again after each 50 records.
    expect(harness.started.names).toHaveLength(50);
    const left = (await harness.deps.queues.head(flow, 100)).map(({ runId }) => runId);
    expect(left).toEqual(queued.slice(50));
  });

  test.each([-1, 1])("whose epoch differs by %i from the flow's does nothing", async (away) => {
    await pause();
    const queued = await dispatch(2);
    const { drain, epoch } = await resume();
    const state = { ...asked(), incarnation: flow.incarnation, epoch: epoch + away, batches: 0 };
    const next = await drainBatch(harness.deps, { ...state, attempt: drain?.attempt ?? 0 });
    expect(next.goesOn).toBe(false);
    expect(harness.started.names).toEqual([]);
    expect((await harness.deps.queues.head(flow, 5)).map(({ runId }) => runId)).toEqual(queued);
  });

  /** The flow's own drains: the sweeper looks at the whole table and continues those of other tests too. */
  const drainNames = (): string[] =>
    [...harness.drains.states.keys()].filter((name) => name.startsWith(flow.incarnation));

  test.each(FLOW_KINDS)(
    "race 29: stopped from outside continues under another name (%s flow)",
    async (kind) => {
      flow = await ofKind(kind, { harness, flow });
      await pause();
      const ids = await dispatch(4);
      await resume({ drainRate: 1 });
      await harness.drains.step();
      harness.drains.stopAll();
      harness.now += 61_000;
      await sweep(harness.deps, LIMITS);
      expect(drainNames().at(-1)).toBe(`${flow.incarnation}-2-2`);
      await harness.drains.run();
      // The sweeper reads the whole table, including other tests' runs.
      expect(harness.started.names).toEqual(expect.arrayContaining(ids.map((runId) => `${runId}.1`)));
      expect((await now()).drain).toBeUndefined();
    },
  );

  test("that is running is left alone by the sweeper", async () => {
    await pause();
    await resume();
    harness.now += 61_000;
    await sweep(harness.deps, LIMITS);
    expect(drainNames()).toEqual([`${flow.incarnation}-2-1`]);
    expect((await now()).drain?.attempt).toBe(1);
  });

  test("continues under its next name before the execution's history is full", async () => {
    await pause();
    await dispatch(2);
    await resume({ drainRate: 1 });
    const last = { ...asked(), incarnation: flow.incarnation, epoch: 2, attempt: 1, batches: 1_999 };
    expect((await drainBatch(harness.deps, last)).goesOn).toBe(false);
    expect(drainNames().at(-1)).toBe(`${flow.incarnation}-2-2`);
    await harness.drains.run();
    expect(harness.started.names).toHaveLength(2);
  });

  test("continues if some records fail, retries those, and fails only if all fail", async () => {
    await pause();
    for (let i = 0; i < 60; i += 1) {
      const runId = harness.deps.ids.runId(harness.now);
      const place = { state: "one", path: "", entered: "2026-03-01T12:00:00.000Z" };
      const park = { runId, token: `t-${i}`, ...place, parkedAt: place.entered, holder: "flow" } as const;
      await harness.deps.parks.put({ ...flow, runId }, park);
    }
    await resume();
    const parked = async () => {
      let count = 0;
      for await (const _park of harness.deps.parks.ofFlow(flow)) count += 1;
      return count;
    };
    let calls = 0;
    let throttled = (call: number): boolean => call % 3 === 0;
    const succeed = async () => {
      calls += 1;
      if (throttled(calls)) throw new Error("ThrottlingException");
      return "sent" as const;
    };
    const deps = { ...harness.deps, executions: Object.assign(Object.create(harness.started), { succeed }) };
    const state = { ...asked(), incarnation: flow.incarnation, epoch: 2, attempt: 1, batches: 0 };
    const left: number[] = [];
    for (let batches = 0; batches < 3; batches += 1) {
      expect((await drainBatch(deps, state)).goesOn).toBe(true);
      left.push(await parked());
    }
    expect(left).toEqual([20, 6, 2]);
    throttled = () => true;
    await expect(drainBatch(deps, state)).rejects.toThrow("ThrottlingException");
    throttled = () => false;
    expect((await drainBatch(deps, state)).goesOn).toBe(true);
    expect(await parked()).toBe(0);
  });

  test.each(FLOW_KINDS)(
    "race 17: of a flow that was deleted and created again starts nothing (%s flow)",
    async (kind) => {
      flow = await ofKind(kind, { harness, flow });
      await pause();
      await dispatch(1);
      await resume();
      await harness.deps.deletions.purge(await now());
      await harness.deps.deletions.removeFlow(await now());
      await ofKind(kind, { harness, flow: await harness.flow(table, flow.flowId) });
      await harness.drains.run();
      expect(harness.started.names).toEqual([]);
      // Nor does a drain of the new flow, whose queue is its own.
      expect(await harness.deps.queues.head(await now(), 10)).toEqual([]);
      await pause();
      await resume();
      await harness.drains.run();
      expect(harness.started.names).toEqual([]);
    },
  );

  test("corrects a counter that a process left when it died", async () => {
    await pause();
    await dispatch(2);
    await harness.deps.counters.addQueued(flow, "somebody", 5);
    await resume();
    await harness.drains.run();
    expect(await harness.deps.counters.queued(flow)).toBe(0);
  });
});
