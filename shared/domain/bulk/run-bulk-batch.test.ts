import { describe, expect, test } from "vitest";
import { ANN, BulkHarness } from "../../../test/harness/domain/bulk-harness.ts";
import { crashingTable } from "../../../test/harness/table/crashing-process.ts";
import { eachWithTable } from "../../../test/harness/table/each-with-table.ts";
import type { BulkAction } from "../../model/bulk.ts";
import type { BulkResult } from "../../model/schemas/bulk.ts";
import type { BulkItem } from "../../store/bulk/bulk-item.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { Table } from "../../store/table.ts";
import { resumeRun } from "../repair/resume-run.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { pauseRun } from "../runs/pause-run.ts";
import { stopBulk } from "./end-bulk.ts";

const DAY = 86_400_000;

let table: Table;
let harness: BulkHarness;
let flow: FlowItem;
eachWithTable(async (fresh, nth) => {
  table = fresh;
  harness = new BulkHarness(table);
  // Each test is later than those before, because their operations are in the same list.
  harness.now += nth * 40 * DAY;
  flow = await harness.replayable(`flow-${nth}`);
});

const of = ({ workspace, runId }: RunItem) => ({ workspace, runId, actor: ANN });
const times = <T>(count: number, make: () => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, make));
const paused = async (): Promise<RunItem> => pauseRun(harness.deps, of(await harness.dispatch(flow)));
const counters = ({ status, matched, succeeded, skipped, failed, position }: BulkItem) => ({
  ...{ status, matched, succeeded, skipped, failed, position },
});
const allDone = (count: number) => ({
  ...{ status: "completed", matched: count, succeeded: count, skipped: 0, failed: 0, position: count },
});

/** A run to which the action applies, and its state after the action was applied once. */
const CASES: Record<
  BulkAction,
  { make: () => Promise<RunItem>; done: (run: RunItem, result: BulkResult) => Promise<unknown> }
> = {
  pause: {
    make: () => harness.dispatch(flow),
    done: async ({ runId }) => expect(await harness.run(runId)).toMatchObject({ status: "paused", rev: 2 }),
  },
  resume: {
    make: paused,
    done: async ({ runId }) => expect(await harness.run(runId)).toMatchObject({ status: "pending", rev: 3 }),
  },
  cancel: {
    make: () => harness.dispatch(flow),
    done: async ({ runId }) =>
      expect(await harness.run(runId)).toMatchObject({ status: "cancelled", rev: 2 }),
  },
  delete: {
    make: () => harness.failed(flow),
    done: async ({ runId }) => expect((await harness.run(runId))?.deleted ?? true).toBe(true),
  },
  replay: {
    make: () => harness.failed(flow),
    done: async ({ runId }, { newRunId = "" }) => {
      expect(await harness.run(newRunId)).toMatchObject({ replayOf: runId });
    },
  },
};

describe.each(Object.keys(CASES) as BulkAction[])("a bulk %s", (action) => {
  const { make, done } = CASES[action];
  const begin = async (count: number) => {
    const runs = await times(count, make);
    return { runs, bulk: await harness.start({ action, runIds: runs.map(({ runId }) => runId) }) };
  };

  test("whose worker dies after any of its calls: each run once, counters exact", async () => {
    for (let at = 0; ; at += 1) {
      const { runs, bulk } = await begin(2);
      const dying = crashingTable(table, { at, when: "after" });
      const state = await harness.batch(bulk, harness.work(dying.table)).catch(() => undefined);
      expect(counters(await harness.finish(bulk)), `death at ${at}`).toEqual(allDone(2));
      const results = await harness.results(bulk);
      expect(results.map(({ runId, outcome }) => [runId, outcome])).toEqual(
        runs.map(({ runId }) => [runId, "succeeded"]),
      );
      for (const [index, run] of runs.entries()) await done(run, results[index] as BulkResult);
      if (state !== undefined && dying.calls < at) break;
    }
  });
});

describe("a bulk operation", () => {
  test("whose request dies at any of its calls is continued by the sweeper with every run", async () => {
    const runs = await times(3, () => harness.failed(flow));
    const filter = { flowId: flow.flowId };
    for (const when of ["before", "after"] as const) {
      for (let at = 1; ; at += 1) {
        const dying = crashingTable(table, { at, when });
        const deps = harness.work(dying.table);
        const key = { deps, idempotencyKey: `${flow.flowId} ${when} ${at}` };
        const asked = { action: "pause", filter } as const;
        const answered = await harness.start(asked, key).catch(() => undefined);
        const bulk = answered ?? (await harness.start(asked, { ...key, deps: harness.work() }));
        if (harness.jobs.get(`${bulk.bulkId}-1`) === undefined) await harness.sweepLater(bulk);
        expect(counters(await harness.finish(bulk)), `${when} ${at}`).toMatchObject({
          matched: 3,
          skipped: 3,
        });
        const found = (await harness.results(bulk)).map(({ runId }) => runId);
        expect(found.sort()).toEqual(runs.map(({ runId }) => runId).sort());
        if (answered !== undefined && dying.calls < at) break;
      }
    }
  });

  test("by ids fails without effect if its request dies, unless the request is repeated", async () => {
    const [one, two] = await times(2, paused);
    const asked = { action: "cancel" as const, runIds: [one?.runId ?? "", two?.runId ?? ""] };
    const dies = () => ({ deps: harness.work(crashingTable(table, { at: 2, when: "before" }).table) });
    const lost = { ...dies(), idempotencyKey: `${flow.flowId} lost` };
    await expect(harness.start(asked, lost)).rejects.toThrow("dead");
    const again = await harness.start(asked, { idempotencyKey: lost.idempotencyKey });
    expect(again).toMatchObject({ status: "running", matched: 2 });

    await expect(
      harness.start(asked, { ...dies(), idempotencyKey: `${flow.flowId} gone` }),
    ).rejects.toThrow();
    const gone = (await listed())[0];
    if (gone === undefined) throw new Error("There is no operation");
    await harness.sweepLater(gone);
    expect(await harness.finish(gone)).toMatchObject({ status: "failed", matched: 0 });
    expect((await harness.run(one?.runId ?? ""))?.status).toBe("paused");
  });

  test("skips a run that changed since it was selected, one that the action does not apply to, one that is deleted", async () => {
    const [changed, ended, fine, gone] = [await paused(), await paused(), await paused(), await paused()];
    const over = await harness.failed(flow);
    const nobody = "00000000-0000-7000-8000-000000000000";
    const runIds = [changed, ended, over, fine, gone].map(({ runId }) => runId);
    const bulk = await harness.start({ action: "resume", runIds: [...runIds, nobody], reason: "fixed" });
    await pauseRun(harness.deps, of(await resumeRun(harness.deps, of(changed))));
    await cancelRun(harness.deps, of(ended));
    await deleteRun(harness.deps, of(gone));
    expect(counters(await harness.finish(bulk))).toEqual({
      ...{ status: "completed", matched: 6, succeeded: 1, skipped: 5, failed: 0, position: 6 },
    });
    expect(await harness.results(bulk)).toEqual([
      {
        ...{ runId: changed.runId, outcome: "skipped", code: "state_changed" },
        detail: "The run changed after it was selected; it is now paused",
      },
      {
        ...{ runId: ended.runId, outcome: "skipped", code: "state_changed" },
        detail: "The run changed after it was selected; it is now cancelled",
      },
      {
        ...{ runId: over.runId, outcome: "skipped", code: "run_already_terminal" },
        detail: "Run is already failed",
      },
      { runId: fine.runId, outcome: "succeeded" },
      { runId: gone.runId, outcome: "skipped", code: "not_found", detail: "There is no such run" },
      { runId: nobody, outcome: "skipped", code: "not_found", detail: "There is no such run" },
    ]);
    const [entry] = (await harness.run(fine.runId))?.recentAudit.slice(-1) ?? [];
    expect(entry).toMatchObject({ actor: ANN, reason: "fixed", action: "requeue" });
  });

  test("skips a run that changed after the caller saw it, and repeats nothing for the others", async () => {
    const [changed, fine] = [await paused(), await paused()];
    const nobody = "00000000-0000-7000-8000-000000000000";
    const runIds = [changed.runId, nobody, fine.runId];
    const revs = [changed.rev, 1, fine.rev];
    await pauseRun(harness.deps, of(await resumeRun(harness.deps, of(changed))));
    const bulk = await harness.start({ action: "cancel", runIds, revs });
    expect(counters(await harness.finish(bulk))).toMatchObject({ succeeded: 1, skipped: 2 });
    const results = await harness.results(bulk);
    expect(results.map(({ runId, code }) => [runId, code])).toEqual([
      [changed.runId, "state_changed"],
      [nobody, "not_found"],
      [fine.runId, undefined],
    ]);
    expect((await harness.run(changed.runId))?.status).toBe("paused");
  });

  test("selects only runs that have not changed since once its request has ended", async () => {
    const [old, touched] = await times(2, () => harness.dispatch(flow));
    const asked = { action: "cancel", filter: { flowId: flow.flowId } } as const;
    const deps = harness.work(crashingTable(table, { at: 2, when: "before" }).table);
    await expect(harness.start(asked, { deps })).rejects.toThrow("dead");
    const [bulk] = await listed();
    if (bulk === undefined || old === undefined || touched === undefined) throw new Error("Nothing is there");
    harness.now += 1_000;
    await pauseRun(harness.deps, of(touched));
    await harness.dispatch(flow);
    await harness.sweepLater(bulk);
    expect(counters(await harness.finish(bulk))).toEqual(allDone(1));
    expect((await harness.results(bulk)).map(({ runId }) => runId)).toEqual([old.runId]);
  });

  test("processes as many runs per batch as its rate allows, with a batch per second", async () => {
    const runs = await times(35, () => harness.dispatch(flow));
    const bulk = await harness.start({ action: "pause", rate: 15, runIds: runs.map(({ runId }) => runId) });
    const ends: number[] = [];
    for (let goesOn = true; goesOn; ) {
      const begun = harness.now;
      const state = await harness.batch(bulk);
      goesOn = state.goesOn === true;
      ends.push((await harness.read(bulk)).position);
      if (goesOn) expect(Date.parse(state.nextAt ?? "") - begun).toBeGreaterThanOrEqual(1_000);
    }
    expect(ends).toEqual([15, 30, 35]);
  });

  test("stops immediately without a slice, and after its slice if the worker has died", async () => {
    const begin = async () => {
      const runs = await times(12, () => harness.dispatch(flow));
      return harness.start({ action: "pause", rate: 10, runIds: runs.map(({ runId }) => runId) });
    };
    const free = await begin();
    await harness.batch(free);
    expect(await stopBulk(harness.work(), free.workspace, free.bulkId)).toMatchObject({
      ...{ status: "stopped", succeeded: 10 },
      endedAt: expect.any(String),
    });
    expect(counters(await harness.finish(free))).toMatchObject({ status: "stopped", position: 10 });
    await expect(stopBulk(harness.work(), free.workspace, free.bulkId)).rejects.toMatchObject({
      code: "action_not_allowed",
    });

    const busy = await begin();
    const { table: dying } = crashingTable(table, { at: 12, when: "after" });
    await expect(harness.batch(busy, harness.work(dying))).rejects.toThrow("dead");
    const asked = await stopBulk(harness.work(), busy.workspace, busy.bulkId);
    expect(asked).toMatchObject({ status: "running", stop: true });
    await harness.sweepLater(busy);
    expect(counters(await harness.finish(busy))).toMatchObject({
      status: "stopped",
      succeeded: 10,
      position: 10,
    });
  });

  /** A table on which the batch does all its work and dies before it can report it. */
  const withoutCommit = (): Table =>
    new Proxy(table, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return name === "tryTransact" ? () => Promise.reject(new Error("dead")) : member.bind(target);
      },
    });

  test("counts a run that is gone without a trace as deleted, but not one that was gone before", async () => {
    const [one, two, others] = [
      await harness.failed(flow),
      await harness.failed(flow),
      await harness.failed(flow),
    ];
    const runIds = [one, two, others].map(({ runId }) => runId);
    const bulk = await harness.start({ action: "delete", runIds });
    const vanish = async ({ runId }: RunItem) => {
      const tombstone = await harness.run(runId);
      if (tombstone?.deleted !== true) throw new Error("It is not deleted");
      await harness.deps.runs.removeTombstone(tombstone);
    };
    await deleteRun(harness.deps, of(others));
    await vanish(others);
    await expect(harness.batch(bulk, harness.work(withoutCommit()))).rejects.toThrow("dead");
    await Promise.all([one, two].map(vanish));
    expect(counters(await harness.finish(bulk))).toEqual({ ...allDone(3), succeeded: 2, skipped: 1 });
    const outcomes = (await harness.results(bulk)).map(({ outcome, code }) => [outcome, code]);
    expect(outcomes).toEqual([
      ["succeeded", undefined],
      ["succeeded", undefined],
      ["skipped", "not_found"],
    ]);
  });

  test("recognizes its own change among many later ones", async () => {
    const run = await harness.dispatch(flow);
    const bulk = await harness.start({ action: "pause", runIds: [run.runId] });
    await expect(harness.batch(bulk, harness.work(withoutCommit()))).rejects.toThrow("dead");
    for (let times = 0; times < 4; times += 1) {
      await resumeRun(harness.deps, of(run));
      await pauseRun(harness.deps, of(run));
    }
    expect((await harness.run(run.runId))?.recentAudit.some(({ rev }) => rev === 2)).toBe(false);
    expect(counters(await harness.finish(bulk))).toEqual(allDone(1));
    expect((await harness.run(run.runId))?.rev).toBe(10);
  });

  test("reports a run as failed that it repeatedly cannot act on, and continues", async () => {
    const [sick, well] = await times(2, () => harness.dispatch(flow));
    const bulk = await harness.start({ action: "pause", runIds: [sick?.runId ?? "", well?.runId ?? ""] });
    const broken = new Proxy(table, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return (...args: unknown[]) =>
          String(JSON.stringify(args[0])).includes(sick?.runId ?? "?")
            ? Promise.reject(new Error("a defect"))
            : member.apply(target, args);
      },
    });
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(harness.batch(bulk, harness.work(broken))).rejects.toThrow("a defect");
    }
    await harness.batch(bulk, harness.work(broken));
    expect(counters(await harness.read(bulk))).toEqual({ ...allDone(2), succeeded: 1, failed: 1 });
    expect((await harness.results(bulk))[0]).toMatchObject({ outcome: "failed", code: "internal_error" });
  });

  test("continues under its next name before the execution's history is full", async () => {
    const runs = await times(2, () => harness.dispatch(flow));
    const bulk = await harness.start({ action: "pause", rate: 1, runIds: runs.map(({ runId }) => runId) });
    const [name] = harness.jobs.keys();
    harness.jobs.set(name ?? "", { ...bulk, batches: 1_999 });
    expect((await harness.batch(bulk)).goesOn).toBe(false);
    expect([...harness.jobs.keys()].at(-1)).toBe(`${bulk.bulkId}-2`);
    expect(counters(await harness.finish(bulk))).toEqual(allDone(2));
  });

  test("of which two executions work at the same time counts each run once", async () => {
    const runs = await times(30, () => harness.dispatch(flow));
    const bulk = await harness.start({ action: "cancel", runIds: runs.map(({ runId }) => runId) });
    await Promise.all([harness.batch(bulk), harness.batch(bulk), harness.batch(bulk)]);
    expect(counters(await harness.finish(bulk))).toEqual(allDone(30));
    expect(await harness.results(bulk)).toHaveLength(30);
  });

  test("is deleted with its results 30 days after its end", async () => {
    const run = await harness.dispatch(flow);
    const bulk = await harness.finish(await harness.start({ action: "pause", runIds: [run.runId] }));
    harness.now += 29 * DAY;
    await harness.sweepLater(bulk);
    expect((await harness.results(bulk)).length).toBe(1);
    harness.now += 2 * DAY;
    await harness.sweepLater(bulk);
    expect(await harness.work().bulks.get(bulk.workspace, bulk.bulkId)).toBeUndefined();
    expect(await harness.results(bulk)).toEqual([]);
    expect((await listed()).map(({ bulkId }) => bulkId)).not.toContain(bulk.bulkId);
  });
});

/** Operations of the workspace, newest first. */
const listed = async (): Promise<BulkItem[]> => {
  const ids: string[] = [];
  for await (const { bulkId } of harness.work().bulks.list("demo")) ids.push(bulkId);
  return harness.work().bulks.getMany("demo", ids);
};
