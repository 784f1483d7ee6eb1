import { afterAll, beforeAll, expect, test } from "vitest";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { startTestTable, type TestTable } from "../../../test/harness/table/test-table.ts";
import { Table } from "../../store/table.ts";
import { newRun } from "../dispatch/new-run.ts";
import { sweep } from "./sweep.ts";

const ANN = { kind: "user", id: "ann" } as const;
const TIDY = { budgetMs: 60_000, concurrency: 4 };
const MINUTE = 60_000;

let db: TestTable;
let harness: HoldHarness;
beforeAll(async () => {
  db = await startTestTable();
  harness = new HoldHarness(new Table(db.client, db.name));
});
afterAll(() => db.close());

/** The metrics of one sweep. */
const tick = async (perShard: number): Promise<Record<string, number[]>> => {
  harness.measured.clear();
  await sweep(harness.deps, { perShard, budgetMs: 60_000, concurrency: 4, tidy: TIDY });
  return Object.fromEntries(harness.measured);
};

test("a sweep records what it repeated, how old that was and whether it left items; without due items it records nothing", async () => {
  const { deps } = harness;
  const { workspace, flowId, incarnation } = await harness.flow(new Table(db.client, db.name), "flow");
  for (let i = 0; i < 12; i += 1) {
    const ids = { runId: deps.ids.runId(harness.now), workspace, flowId, incarnation, version: 1 };
    await deps.runs.create(newRun({ ...ids, startedBy: ANN, runAs: "system" }, harness.now, deps.ids), "{}");
  }
  expect(await tick(250)).toEqual({});
  harness.now += 3 * MINUTE;

  const first = await tick(1);
  const shards = first["sweepLeft"]?.[0] ?? 0;
  expect(shards).toBeGreaterThan(0);
  expect(first["intentsRedone"]).toEqual([shards]);
  expect(first["intentTries"]).toEqual(Array.from({ length: shards }, () => 1));
  // Due a minute after they were made, three minutes ago.
  expect(first["oldestOverdue"]?.[0]).toBeGreaterThan(115);
  expect(first["oldestOverdue"]?.[0]).toBeLessThan(130);

  const rest = await tick(250);
  expect(rest).toMatchObject({ intentsRedone: [12 - shards] });
  expect(rest["sweepLeft"]).toBeUndefined();
  expect(harness.started.names).toHaveLength(12);
  expect(await tick(250)).toEqual({});
});

test("an item that cannot be swept is recorded as a failure, with the number of attempts", async () => {
  const { deps, started } = harness;
  const { workspace, flowId, incarnation } = await harness.flow(new Table(db.client, db.name), "failing");
  const ids = { runId: deps.ids.runId(harness.now), workspace, flowId, incarnation, version: 1 };
  await deps.runs.create(newRun({ ...ids, startedBy: ANN, runAs: "system" }, harness.now, deps.ids), "{}");
  const start = started.start.bind(started);
  started.start = () => Promise.reject(new Error("a fault of the test"));
  for (const tries of [1, 2, 3]) {
    harness.now += 2 ** tries * 2 * MINUTE;
    expect(await tick(250)).toMatchObject({ sweepFailures: [1], intentTries: [tries] });
  }
  started.start = start;
  harness.now += 60 * MINUTE;
  const mended = await tick(250);
  expect(mended).toMatchObject({ intentTries: [4] });
  expect(mended["sweepFailures"]).toBeUndefined();
});
