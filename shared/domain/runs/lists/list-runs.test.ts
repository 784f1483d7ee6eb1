import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FLOW_KINDS, type FlowKind } from "../../../../test/harness/domain/flow-kinds.ts";
import { startTestTable, type TestTable } from "../../../../test/harness/table/test-table.ts";
import { SYSTEM } from "../../../model/actor.ts";
import { SluiceError } from "../../../model/errors.ts";
import { randomIds } from "../../../model/ids.ts";
import type { RunFilter } from "../../../model/schemas/run-filter.ts";
import { iso } from "../../../model/time/clock.ts";
import type { RunStatus } from "../../../model/transitions.ts";
import { RunIndex } from "../../../store/runs/run-index.ts";
import { RunStore } from "../../../store/runs/runs.ts";
import { Table } from "../../../store/table.ts";
import { INDEX_SHARDS } from "../../../store/table-definition.ts";
import { nativeRun, newRun } from "../../dispatch/new-run.ts";
import { listRuns } from "./list-runs.ts";
import { runChanges } from "./run-changes.ts";

let database: TestTable;
let runs: RunStore;
let index: RunIndex;
let workspaces = 0;
beforeAll(async () => {
  database = await startTestTable();
  const table = new Table(database.client, database.name);
  runs = new RunStore(table);
  index = new RunIndex(table);
});
afterAll(() => database.close());

const START = Date.parse("2026-03-01T10:00:00.000Z");

/**
 * A workspace with `count` runs, one per second, of flows a, b, a, b, …; returns their ids, oldest first. Those of attached flows were
 * started by others.
 */
const workspaceWith = async (
  count: number,
  kind: FlowKind = "managed",
): Promise<{ workspace: string; ids: string[] }> => {
  workspaces += 1;
  const workspace = `w${workspaces}`;
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const now = START + i * 1000;
    const runId = randomIds.runId(now);
    ids.push(runId);
    const flowId = i % 2 === 0 ? "a" : "b";
    const startedBy = { kind: "user" as const, id: i % 3 === 0 ? "ann" : "bob" };
    const run = { runId, workspace, flowId, incarnation: "i", version: 1, startedBy, runAs: "user" as const };
    const native = { ...run, machine: flowId, execution: `execution-${i}` };
    const made = kind === "managed" ? newRun(run, now, randomIds) : nativeRun(native, now, randomIds);
    await runs.create(made, "{}");
  }
  return { workspace, ids };
};
const step = { at: iso(START + 999_000), actor: SYSTEM };
const load = async (workspace: string, runId: string) => {
  const run = await runs.get(workspace, runId);
  if (run === undefined) throw new Error("no such run");
  return run;
};
const begin = async (workspace: string, runId: string) =>
  runs.changeStatus(await load(workspace, runId), [{ transition: "begin", entry: step }]);

const walk = async (
  workspace: string,
  filter: RunFilter,
  limit: number,
  between: (page: number) => Promise<unknown> = async () => undefined,
): Promise<string[]> => {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < 100; page += 1) {
    const answer = await listRuns(index, { workspace, filter, limit, cursor });
    seen.push(...answer.records.map((record) => record.runId));
    cursor = answer.nextCursor;
    if (cursor === undefined) return seen;
    await between(page);
  }
  throw new Error("The list has no end");
};

test("runs come newest first, each once, whatever the page size", async () => {
  const { workspace, ids } = await workspaceWith(23);
  const expected = [...ids].reverse();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), async (limit) => {
      expect(await walk(workspace, {}, limit)).toEqual(expected);
    }),
    { numRuns: 8 },
  );
});

test.each(FLOW_KINDS)(
  "race 24: a page of one keeps its place while runs change status, vanish and arrive (%s flows)",
  async (kind) => {
    const { workspace, ids } = await workspaceWith(12, kind);
    const gone = ids[5] ?? "";
    const seen = await walk(workspace, {}, 1, async (page) => {
      const moved = ids[11 - page] ?? "";
      if (moved !== gone) await begin(workspace, moved);
      if (page === 2) {
        const now = START + 3600_000;
        const run = await load(workspace, gone);
        const intent = { id: "x", due: iso(now), kinds: ["purge" as const], tries: 0 };
        expect((await runs.markDeleted(run, { intent, at: iso(now), actor: SYSTEM })).ok).toBe(true);
      }
      // The anchor of the cursor itself.
      if (page === 8) {
        const anchor = await load(workspace, ids[3] ?? "");
        const intent = { id: "y", due: iso(START), kinds: ["purge" as const], tries: 0 };
        await runs.markDeleted(anchor, { intent, at: iso(START), actor: SYSTEM });
      }
    });
    expect(seen.filter((id) => id !== gone)).toEqual(ids.filter((id) => id !== gone).reverse());
    expect(new Set(seen).size).toBe(seen.length);
  },
);

test("the changes of a list are the shown runs as they are now, and the number of newer ones", async () => {
  const { workspace, ids } = await workspaceWith(6);
  const [first = "", second = "", , fourth = ""] = ids;
  await begin(workspace, second);
  const run = await load(workspace, first);
  const intent = { id: "x", due: iso(START), kinds: ["purge" as const], tries: 0 };
  await runs.markDeleted(run, { intent, at: iso(START), actor: SYSTEM });
  const asked = { workspace, filter: {}, runIds: [first, second, fourth], after: iso(START + 2_000) };
  const changes = await runChanges(index, asked);
  expect(changes.records.map(({ runId, status }) => [runId, status])).toEqual([
    [second, "running"],
    [fourth, "pending"],
  ]);
  expect(changes.newer).toBe(3);
  // The filter is for the new runs; a shown run may have left it.
  expect(await runChanges(index, { ...asked, filter: { flowId: "b" } })).toMatchObject({ newer: 2 });
  expect(await runChanges(index, { ...asked, filter: { createdAfter: iso(START + 4_000) } })).toMatchObject({
    newer: 1,
  });
  const own = await runChanges(index, { ...asked, owner: "ann" });
  expect([own.records.map(({ runId }) => runId), own.newer]).toEqual([[fourth], 1]);
  const pause = { at: iso(START + 5_000), actor: SYSTEM };
  await runs.changeStatus(await load(workspace, fourth), [{ transition: "pause", entry: pause }]);
  const attention = { ...asked, attention: { waiting: false } };
  expect((await runChanges(index, attention)).newer).toBe(1);
  expect((await runChanges(index, { ...attention, after: iso(START + 5_000) })).newer).toBe(0);
  expect((await runChanges(index, { ...attention, after: undefined })).newer).toBe(0);
});

/** The index, read one partition after the other; before the nth read, from 1 on, something happens. */
const withChange = (
  nth: number,
  change: () => Promise<unknown>,
): { index: RunIndex; reads: () => number } => {
  let reads = 0;
  let last: Promise<unknown> = Promise.resolve();
  const page: RunIndex["page"] = (...args) => {
    const read = last.then(async () => {
      reads += 1;
      if (reads === nth) await change();
      return index.page(...args);
    });
    last = read;
    return read;
  };
  const changing = new Proxy(index, {
    get: (target, name) =>
      name === "page" ? page : (target[name as keyof RunIndex] as () => unknown).bind(target),
  });
  return { index: changing, reads: () => reads };
};

test.each([
  ["leaves the queue", "pause", "requeue"],
  ["is paused", "begin", "pause"],
  ["is resumed", "pause", "resume"],
] as const)("race 24: a run that %s while a page is read is listed once", async (_what, before, during) => {
  // Before, between and after the partitions of each status, in the first look and in the second.
  for (let nth = 1, reads = nth; nth <= reads; nth += INDEX_SHARDS) {
    const { workspace, ids } = await workspaceWith(3);
    const moved = ids[1] ?? "";
    const turn = async (transition: typeof before | typeof during) =>
      runs.changeStatus(await load(workspace, moved), [{ transition, entry: step }]);
    await turn(before);
    const changing = withChange(nth, () => turn(during));
    const status: RunStatus[] = ["pending", "running", "paused"];
    const query = { workspace, filter: { status }, limit: 2 };
    const page = await listRuns(changing.index, query);
    reads = changing.reads();
    expect(page.nextCursor, `before read ${nth}`).toBeDefined();
    const { records: rest } = await listRuns(index, { ...query, cursor: page.nextCursor });
    expect([...page.records, ...rest].map(({ runId }) => runId)).toEqual([...ids].reverse());
  }
});

test("filters narrow the list", async () => {
  const { workspace, ids } = await workspaceWith(12);
  await begin(workspace, ids[4] ?? "");
  await begin(workspace, ids[7] ?? "");
  const listed = async (filter: RunFilter) => (await walk(workspace, filter, 2)).map((id) => ids.indexOf(id));
  expect(await listed({ status: ["running"] })).toEqual([7, 4]);
  expect(await listed({ status: ["running"], flowId: "a" })).toEqual([4]);
  expect(await listed({ status: ["running", "pending"], flowId: "b" })).toEqual([11, 9, 7, 5, 3, 1]);
  expect(await listed({ flowId: "a" })).toEqual([10, 8, 6, 4, 2, 0]);
  expect(await listed({ startedBy: "ann" })).toEqual([9, 6, 3, 0]);
  expect(await listed({ status: ["completed"] })).toEqual([]);
  const third = "2026-03-01T10:00:03.000Z";
  const sixth = "2026-03-01T10:00:06.000Z";
  expect(await listed({ createdAfter: third, createdBefore: sixth })).toEqual([5, 4]);
  expect(await listed({ createdAfter: sixth, createdBefore: third })).toEqual([]);
});

test("an attribute leads to its runs, newest first, at the same number of reads however many others there are", async () => {
  const workspace = `w${++workspaces}`;
  const ids: string[] = [];
  const create = async (customer: string, at: number) => {
    const runId = randomIds.runId(START + at);
    const startedBy = { kind: "user" as const, id: ids.length % 2 === 0 ? "ann" : "bob" };
    const run = {
      runId,
      workspace,
      flowId: at % 3 === 0 ? "a" : "b",
      incarnation: "i",
      version: 1,
      startedBy,
    };
    const attributes = { customer, region: "eu" };
    await runs.create(newRun({ ...run, runAs: "user", attributes }, START + at, randomIds), "{}");
    ids.push(runId);
    return runId;
  };
  for (let at = 0; at < 9; at += 1) await create(at < 4 ? "acme#1" : "hot", at * 1000);
  const listed = async (filter: RunFilter) => (await walk(workspace, filter, 2)).map((id) => ids.indexOf(id));
  expect(await listed({ "attribute.customer": "acme#1" })).toEqual([3, 2, 1, 0]);
  expect(await listed({ "attribute.customer": "acme" })).toEqual([]);
  expect(await listed({ "attribute.customer": "hot", flowId: "a" })).toEqual([6]);
  expect(await listed({ "attribute.customer": "hot", "attribute.region": "us" })).toEqual([]);
  const second = iso(START + 1000);
  expect(await listed({ "attribute.customer": "acme#1", createdAfter: second })).toEqual([3, 2]);
  await begin(workspace, ids[2] ?? "");
  expect(await listed({ "attribute.customer": "acme#1", status: ["running"] })).toEqual([2]);
  const mine = await listRuns(index, {
    ...{ workspace, owner: "ann", limit: 50, filter: { "attribute.customer": "acme#1" as const } },
  });
  expect(mine.records.map(({ runId }) => ids.indexOf(runId))).toEqual([2, 0]);

  const reads = async () => {
    const counting = withChange(0, async () => undefined);
    await listRuns(counting.index, { workspace, filter: { "attribute.customer": "hot" }, limit: 3 });
    return counting.reads();
  };
  const few = await reads();
  for (let at = 0; at < 40; at += 1) await create("hot", 20_000 + at);
  expect(await reads()).toBe(few);
});

test("an owner sees only their own runs", async () => {
  const { workspace, ids } = await workspaceWith(6);
  const page = await listRuns(index, { workspace, filter: {}, owner: "ann", limit: 50 });
  expect(page.records.map((record) => ids.indexOf(record.runId))).toEqual([3, 0]);
  expect(page.nextCursor).toBeUndefined();
});

test("an error is found by a part of its name or cause", async () => {
  const { workspace, ids } = await workspaceWith(3);
  const run = await load(workspace, ids[1] ?? "");
  const error = { error: "Card.Declined", cause: "No funds left", state: "Charge" };
  await runs.changeStatus(run, [{ transition: "fail", entry: step }], { set: { error } });
  expect(await walk(workspace, { error: "funds" }, 1)).toEqual([ids[1]]);
  expect(await walk(workspace, { error: "card.dec" }, 1)).toEqual([ids[1]]);
  expect(await walk(workspace, { error: "other" }, 1)).toEqual([]);
});

test("a cursor of another list is refused", async () => {
  const { workspace } = await workspaceWith(3);
  const { nextCursor: cursor } = await listRuns(index, { workspace, filter: {}, limit: 1 });
  const other = listRuns(index, { workspace, filter: { flowId: "a" }, limit: 1, cursor });
  await expect(other).rejects.toThrow(SluiceError);
});
