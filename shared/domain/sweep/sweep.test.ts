import { afterAll, beforeAll, expect, test } from "vitest";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { startTestTable, type TestTable } from "../../../test/harness/table/test-table.ts";
import { shardOf } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import { newItem } from "../../store/runs/stored-run.ts";
import { Table } from "../../store/table.ts";
import { INDEX_SHARDS } from "../../store/table-definition.ts";
import { newRun } from "../dispatch/new-run.ts";
import { sweep } from "./sweep.ts";

const TIDY = { budgetMs: 1_000, concurrency: 1 };
const HOUR = 3_600_000;

let db: TestTable;
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.close());

test("a sweep of many overdue items ends in time after processing some of every shard, and the next sweep continues", async () => {
  const table = new Table(db.client, db.name);
  const harness = new HoldHarness(table);
  const flow = await harness.flow(table, "busy");
  const late = iso(harness.now - HOUR);
  const startedBy = { kind: "user", id: "ann" } as const;
  for (let i = 0; i < 120; i += 1) {
    const runId = harness.deps.ids.runId(harness.now);
    const run = newRun({ ...flow, runId, startedBy }, harness.now, harness.deps.ids);
    const { intent: _started, ...rest } = run;
    await table.put(newItem({ ...rest, status: "running", updatedAt: late, checkAt: late }));
  }
  const looked: number[] = [];
  const describe = async (arn: string) => {
    looked.push(shardOf(arn.split(":").at(-1)?.split(".")[0] ?? "", INDEX_SHARDS));
    harness.now += 1_000;
    return undefined;
  };
  const deps = { ...harness.deps, executions: Object.assign(Object.create(harness.started), { describe }) };
  const tick = () => sweep(deps, { perShard: 250, concurrency: 1, budgetMs: 20_000, tidy: TIDY });
  await tick();
  expect(looked.length).toBeGreaterThan(10);
  expect(looked.length).toBeLessThanOrEqual(21);
  expect(new Set(looked.slice(0, INDEX_SHARDS)).size).toBe(INDEX_SHARDS);
  const first = looked.length;
  await tick();
  expect(looked.length).toBeGreaterThan(first);
  for (let ticks = 0; ticks < 10; ticks += 1) await tick();
  expect(looked).toHaveLength(120);
});
