import { describe, expect, test, vi } from "vitest";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { slotCalls } from "../../../test/harness/domain/slot-calls.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { SlotStore } from "../../store/slots/slots.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { passGate } from "../gates/pass-gate.ts";
import { resumeRun } from "../repair/resume-run.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { pauseRun } from "../runs/pause-run.ts";

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const { limit, dispatch, several, run, about, end, stepGate, started, holders, waiting, sweepAfter } =
  slotCalls(() => ({ harness, flow }));

/** Something else happens right after the next claim, whether it was granted or refused. */
const afterNextClaim = (happens: () => Promise<unknown>) => {
  const { slots } = harness.deps;
  const claims = vi.spyOn(slots, "claim").mockImplementationOnce(async (...claim) => {
    claims.mockRestore();
    const claimed = await SlotStore.prototype.claim.apply(slots, claim);
    await happens();
    return claimed;
  });
};
const cancel = (runId: string) => cancelRun(harness.deps, about(runId));
const unreadable = new Proxy({} as HoldHarness["deps"]["runIndex"], {
  get: () => () => Promise.reject(new Error("a fault of the test")),
});

test("race 36: repeats the release of a run whose process died after its end", async () => {
  await limit({ limit: 1 });
  const [first = "", second = ""] = await several(2);
  const dead = { ...harness.deps.limits, release: async (_deps: unknown, ended: RunItem) => ended };
  await cancelRun({ ...harness.deps, limits: dead }, about(first));
  expect(started()).toEqual([first]);
  await sweepAfter(2 * 60_000);
  expect(started()).toContain(second);
  expect(await holders()).toEqual([second]);
  await sweepAfter(60 * 60_000);
  expect((await run(first)).slot).toBeUndefined();
  expect(await holders()).toEqual([second]);
});

test("race 36: a limit that is lowered as a slot is passed on keeps what it has passed on, and nothing more", async () => {
  await limit({ limit: 2 });
  const [first = "", second = "", third = "", fourth = ""] = await several(4);
  afterNextClaim(() => limit({ limit: 1 }));
  await end(first);
  expect(await holders()).toEqual([second, third].sort());
  await end(second);
  expect(started()).toEqual([first, second, third]);
  await end(third);
  expect(started()).toEqual([first, second, third, fourth]);
  expect(await holders()).toEqual([fourth]);
});

test("race 36: a run keeps its slot when the limit's key is changed and changed back at once", async () => {
  await limit({ limit: 1 });
  const holder = await dispatch();
  const { runs } = harness.deps;
  const writes = vi.spyOn(runs, "takeSlot").mockImplementationOnce(async (...slot) => {
    writes.mockRestore();
    const written = await runs.takeSlot(...slot);
    await limit({ limit: 1 }); // the slot of the other key is not released yet
    return written;
  });
  await limit({ limit: 1, key: "$.customer" });
  expect((await now()).caps.concurrency).toEqual({ limit: 1 });
  expect(await holders()).toEqual([holder]);
  const waits = await dispatch();
  await harness.drains.run();
  expect(started()).toEqual([holder]);
  expect(await waiting()).toEqual([waits]);
});

test("race 36: a run is counted by the latest of two limits that are set at once", async () => {
  const open = await dispatch({ payload: { customer: "ann" } });
  const { runs } = harness.deps;
  const writes = vi.spyOn(runs, "takeSlot").mockImplementationOnce(async (...slot) => {
    writes.mockRestore();
    await limit({ limit: 1 }); // it counts the run before the slot of the other limit is written
    return runs.takeSlot((await runs.get(flow.workspace, open)) ?? slot[0], slot[1]);
  });
  await limit({ limit: 1, key: "$.customer" });
  expect((await now()).caps.concurrency).toEqual({ limit: 1 });
  await harness.drains.run();
  const waits = await dispatch();
  expect(started()).toEqual([open]);
  expect([await holders(), await waiting()]).toEqual([[open], [waits]]);
});

test.each([
  ["is cancelled", cancel],
  ["is deleted", (runId: string) => deleteRun(harness.deps, about(runId))],
])(
  "race 36: the next of the queue gets the slot of a run that %s as the slot is passed on to it",
  async (_how, over) => {
    await limit({ limit: 1 });
    const [first = "", second = "", third = ""] = await several(3);
    afterNextClaim(() => over(second));
    await end(first);
    expect(started()).toEqual([first, third]);
    expect(await holders()).toEqual([third]);
    expect(await waiting()).toEqual([]);
  },
);

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
  expect(started()).toContain(waits);
  expect(await holders()).toEqual([waits]);
});

test("race 43: starts a record that was refused the last slot just before its holder ended", async () => {
  await limit({ limit: 1 });
  const holder = await dispatch();
  afterNextClaim(() => end(holder)); // it finds nobody in the queue
  const record = await dispatch();
  expect(started()).toEqual([holder, record]);
  expect(await holders()).toEqual([record]);
  expect(await waiting()).toEqual([]);
});

test("race 43: does not forget a record that begins to wait while an end looks at the empty queue", async () => {
  await limit({ limit: 1 });
  const [holder = "", cancelled = ""] = await several(2);
  await cancel(cancelled); // the key's mark stays
  const { slotQueues, slots } = harness.deps;
  let fresh: string[] = [];
  const looks = vi.spyOn(slotQueues, "head").mockImplementationOnce(async () => {
    looks.mockRestore();
    fresh = await several(2);
    return [];
  });
  await end(holder);
  const [record = "", waits = ""] = fresh;
  expect(started()).toEqual([holder, record]);
  expect(await waiting()).toEqual([waits]);
  for await (const { waiting: mark } of slots.ofFlow(flow)) expect(mark).toEqual(expect.any(String));
});

test("race 43: an idempotency key that is sent three times at once gets one run and one slot", async () => {
  await limit({ limit: 2, key: "$.customer" });
  const starter = { actor: ANN, permissions: [] };
  const request = { ...asked(), starter, payload: { customer: "ann" }, idempotencyKey: "k" };
  const send = () => dispatchRun(harness.deps, request);
  const sent = await Promise.all([send(), send(), send()]);
  expect(new Set(sent.map(({ record }) => record.runId)).size).toBe(1);
  expect(await holders()).toEqual([sent[0]?.record.runId]);
});

test("race 43: a record that a resume puts back while the pause removes it stays", async () => {
  await limit({ limit: 1 });
  const [holder = "", paused = ""] = await several(2);
  const { slotQueues } = harness.deps;
  const removed = vi.spyOn(slotQueues, "remove").mockImplementationOnce(async (...record) => {
    removed.mockRestore();
    await resumeRun(harness.deps, about(paused));
    await slotQueues.remove(...record);
  });
  await pauseRun(harness.deps, about(paused));
  expect(await waiting()).toEqual([paused]);
  await end(holder);
  expect(started()).toEqual([holder, paused]);
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

test("race 44: a full key at the head of the hold's queue does not stand before the others", async () => {
  await limit({ limit: 1, key: "$.customer" });
  const of = (customer: string) => dispatch({ payload: { customer } });
  const ann = await of("ann");
  await pause();
  const full = [await of("ann"), await of("ann")];
  const others = [await of("bea"), await of("cid")];
  await resume();
  await harness.drains.run();
  expect(started()).toEqual([ann, ...others]);
  expect(await waiting()).toEqual(full);
});

describe("a claim for a run that ends meanwhile", () => {
  test("is free for the next candidate of the same canary", async () => {
    await limit({ limit: 1 });
    await pause();
    const [first = "", second = ""] = await several(2);
    await resume({ canary: 1 });
    afterNextClaim(() => cancel(first));
    await harness.drains.step();
    expect(started()).toEqual([second]);
    expect(await holders()).toEqual([second]);
    expect(await waiting()).toEqual([]);
    expect(await harness.deps.counters.queued(flow)).toBe(0);
  });

  test("goes to the record that was refused because of it", async () => {
    await limit({ limit: 1 });
    const [holder = "", paused = ""] = await several(2);
    await pauseRun(harness.deps, about(paused));
    await end(holder);
    let record = "";
    afterNextClaim(async () => {
      record = await dispatch();
      await cancel(paused);
    });
    await resumeRun(harness.deps, about(paused));
    expect(started()).toEqual([holder, record]);
    expect(await holders()).toEqual([record]);
  });

  test("goes to that record also when a gate made the claim for a limit that is younger than the run", async () => {
    const [early = ""] = await several(1);
    await limit({ limit: 1 }, { runIndex: unreadable });
    let record = "";
    afterNextClaim(async () => {
      record = await dispatch();
      await cancel(early);
    });
    const gates = { ...harness.deps, historyMark: () => 1_000 };
    await expect(passGate(gates, stepGate(early, "one"))).rejects.toThrow();
    expect(started()).toEqual([early, record]);
    expect(await holders()).toEqual([record]);
  });

  test("goes to that record by the drain when the request that set the limit made the claim", async () => {
    const [early = ""] = await several(1);
    let record = "";
    afterNextClaim(async () => {
      record = await dispatch();
      await end(early);
    });
    await limit({ limit: 1 });
    expect(await run(early)).toMatchObject({ status: "completed" });
    expect(await waiting()).toEqual([record]);
    await harness.drains.run();
    expect(started()).toEqual([early, record]);
    expect(await holders()).toEqual([record]);
    expect((await now()).drain).toBeUndefined();
  });

  test("leaves a canary the place of a run that a person pauses", async () => {
    await limit({ limit: 1 });
    await pause();
    const [first = "", second = ""] = await several(2);
    await resume({ canary: 1 });
    afterNextClaim(() => pauseRun(harness.deps, about(first)));
    await harness.drains.step();
    expect(started()).toEqual([]);
    expect(await holders()).toEqual([first]); // paused runs keep their slots
    await cancel(first);
    await harness.drains.step();
    expect(started()).toEqual([second]);
  });
});
