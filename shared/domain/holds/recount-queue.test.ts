import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { startTestTable, type TestTable } from "../../../test/harness/table/test-table.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { Table } from "../../store/table.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { pauseRun } from "../runs/pause-run.ts";
import { sweep } from "../sweep/sweep.ts";
import { pauseFlow } from "./pause-flow.ts";

const ANN = { kind: "user", id: "ann" } as const;
const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };
const MINUTE = 60_000;

let db: TestTable;
let harness: HoldHarness;
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.close());
let flows = 0;
let flow: FlowItem;
beforeEach(async () => {
  const table = new Table(db.client, db.name);
  harness = new HoldHarness(table);
  flows += 1;
  flow = await harness.flow(table, `counted-${flows}`);
  await pauseFlow(harness.deps, { ...flow, actor: ANN, mode: "queue" });
});

const dispatch = () =>
  dispatchRun(harness.deps, { ...flow, starter: { actor: ANN, permissions: [] }, payload: 1 });
const queued = () => harness.deps.counters.queued(flow);
const pass = async (sweeps: number, minutes = 1): Promise<void> => {
  for (let swept = 0; swept < sweeps; swept += 1) {
    harness.now += minutes * MINUTE;
    await sweep(harness.deps, LIMITS);
  }
};

describe("the counter of a held flow's queue", () => {
  test("is corrected after a process died between the queue and the counter", async () => {
    await dispatch();
    await dispatch();
    await harness.deps.counters.addQueued(flow, "r", -1);
    await pass(4, 3);
    expect(await queued()).toBe(2);
  });

  test("counts no record that a user has paused in the queue", async () => {
    const { record } = await dispatch();
    await dispatch();
    await pauseRun(harness.deps, { ...record, actor: ANN });
    await harness.deps.counters.addQueued(flow, "r", 3);
    await pass(4, 3);
    expect(await queued()).toBe(1);
  });

  test("is not changed by a single check, nor while records arrive, which may not be counted yet", async () => {
    await dispatch();
    await harness.deps.counters.addQueued(flow, "r", 5);
    await pass(3);
    expect(await queued()).toBe(6);
    for (let minute = 0; minute < 6; minute += 1) {
      await dispatch();
      await pass(1);
    }
    expect(await queued()).toBe(12);
    await pass(4, 3);
    expect(await queued()).toBe(7);
  });

  test("is checked less and less often while it is correct", async () => {
    await dispatch();
    await pass(4, 10);
    const { recount } = (await harness.deps.flows.read(flow.workspace, flow.flowId)) ?? {};
    expect(Date.parse(recount?.due ?? "") - harness.now).toBeGreaterThan(5 * MINUTE);
  });
});
