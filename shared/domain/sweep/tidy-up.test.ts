import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { startTestTable, type TestTable } from "../../../test/harness/table/test-table.ts";
import { randomIds } from "../../model/ids.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { Table } from "../../store/table.ts";
import { newRun } from "../dispatch/new-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { tidyUp } from "./tidy-up.ts";

const ANN = { kind: "user", id: "ann" } as const;
const DAY = 86_400_000;
const LIMITS = { budgetMs: 60_000, concurrency: 4 };

let db: TestTable;
let table: Table;
let harness: HoldHarness;
beforeAll(async () => {
  db = await startTestTable();
  table = new Table(db.client, db.name);
});
afterAll(() => db.close());
beforeEach(() => {
  harness = new HoldHarness(table);
});

let workspaces = 0;
const workspace = async (): Promise<string> => {
  workspaces += 1;
  const name = `ws-${workspaces}`;
  const now = new Date(harness.now).toISOString();
  await harness.deps.workspaces.create({ workspace: name, name, createdAt: now, updatedAt: now }, []);
  return name;
};

/** Runs that ended now. */
const ended = async (name: string, count: number): Promise<RunItem[]> =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const { deps, now } = harness;
      const flow = { flowId: "flow", incarnation: "abcdefghijklmnop", version: 1 };
      const ids = { runId: deps.ids.runId(now), workspace: name };
      const run = newRun({ ...flow, ...ids, startedBy: ANN, runAs: "system" }, now, deps.ids);
      await deps.runs.create(run, "{}");
      const at = new Date(now).toISOString();
      const moved = await deps.runs.changeStatus(run, [{ transition: "cancel", entry: { at, actor: ANN } }], {
        set: { endedAt: at },
        remove: ["intent"],
      });
      if (!moved.ok) throw new Error("refused");
      return moved.run;
    }),
  );
const left = async (runs: readonly RunItem[]): Promise<number> =>
  (await Promise.all(runs.map((run) => harness.deps.runs.get(run.workspace, run.runId)))).filter(
    (run) => run !== undefined,
  ).length;

describe("runs past their retention", () => {
  test("are deleted within a sweep's time, in every workspace, and the rest by later sweeps", async () => {
    const [big, small] = [await workspace(), await workspace()];
    const many = await ended(big, 40);
    const few = await ended(small, 3);
    harness.now += 91 * DAY;
    // The clock of this harness advances by a millisecond whenever it is read, which happens several times per run.
    await tidyUp(harness.deps, { budgetMs: 60, concurrency: 1 });
    const [ofMany, ofFew] = [await left(many), await left(few)];
    expect(ofMany).toBeGreaterThan(10);
    expect(ofMany).toBeLessThan(40);
    expect(ofFew).toBe(0);
    for (let tick = 0; tick < 8; tick += 1) await tidyUp(harness.deps, { budgetMs: 60, concurrency: 1 });
    expect(await left(many)).toBe(0);
  });

  test("are the only ones read", async () => {
    const name = await workspace();
    const runs = await ended(name, 20);
    harness.now += 89 * DAY;
    const get = vi.spyOn(harness.deps.runs, "get");
    await tidyUp(harness.deps, LIMITS);
    expect(get).not.toHaveBeenCalled();
    get.mockRestore();
    expect(await left(runs)).toBe(20);
    await harness.deps.settings.change(name, { retentionDays: 30 }, new Date(harness.now).toISOString());
    await tidyUp(harness.deps, LIMITS);
    expect(await left(runs)).toBe(0);
  });
});

describe("tombstones", () => {
  test("stay until their late writers have ended, and one that cannot be removed does not hold up the others", async () => {
    const runs = await ended(await workspace(), 8);
    for (const run of runs) {
      await deleteRun(harness.deps, { ...run, actor: ANN, op: "bulk-1" });
    }
    await tidyUp(harness.deps, LIMITS);
    expect(await left(runs)).toBe(8);
    harness.now += 121_000;
    const beside = vi.spyOn(harness.deps.runs, "relatedKeys").mockRejectedValueOnce(new Error("throttled"));
    await tidyUp(harness.deps, { ...LIMITS, concurrency: 1 });
    beside.mockRestore();
    expect(await left(runs)).toBe(1);
    harness.now += 3_600_000;
    await tidyUp(harness.deps, LIMITS);
    expect(await left(runs)).toBe(0);
  });

  test("distinguish the operation that wrote them from others", async () => {
    const [run] = await ended(await workspace(), 1);
    if (run === undefined) throw new Error("no run");
    const asked = { workspace: run.workspace, runId: run.runId, actor: ANN };
    expect(await deleteRun(harness.deps, { ...asked, op: "bulk-1" })).toBe("now");
    expect(await deleteRun(harness.deps, { ...asked, op: "bulk-1" })).toBe("before");
    for (const op of [{}, { op: "bulk-2" }]) {
      await expect(deleteRun(harness.deps, { ...asked, ...op })).rejects.toMatchObject({ code: "not_found" });
    }
  });

  test("are deleted without the new run that a key gave the same id", async () => {
    const name = await workspace();
    const flow = { flowId: "flow", incarnation: randomIds.unique(), version: 1, workspace: name };
    const id = { runId: "11111111-1111-8111-a111-111111111111", bodyHash: "hash" };
    const keyed = newRun({ ...flow, ...id, startedBy: ANN, runAs: "system" }, harness.now, harness.deps.ids, {
      queued: true,
    });
    await harness.deps.runs.create(keyed, "{}", { runId: id.runId, time: keyed.createdAt, nonce: "n" });
    await deleteRun(harness.deps, { workspace: name, runId: id.runId, actor: ANN });
    const tombstone = await harness.deps.runs.get(name, id.runId);
    harness.now += 3_600_000;
    await tidyUp(harness.deps, LIMITS);
    expect(await left([keyed])).toBe(1);
    harness.now += DAY;
    await tidyUp(harness.deps, LIMITS);
    expect(await left([keyed])).toBe(0);
    await harness.deps.runs.create({ ...keyed, createdAt: new Date(harness.now).toISOString() }, "{}");
    if (tombstone !== undefined) await harness.deps.runs.removeTombstone(tombstone);
    expect((await harness.deps.runs.get(name, id.runId))?.status).toBe("pending");
  });
});
