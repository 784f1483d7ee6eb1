import { expect, test } from "vitest";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { eachWithTable } from "../../../test/harness/table/each-with-table.ts";
import type { GateEvent } from "../../model/machines/task-events.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { Table } from "../../store/table.ts";
import { newRun } from "../dispatch/new-run.ts";
import { sweep } from "../sweep/sweep.ts";
import { passInlineGate } from "./pass-gate.ts";

const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

let table: Table;
let harness: HoldHarness;
let run: RunItem;
eachWithTable(async (own, nth) => {
  table = own;
  harness = new HoldHarness(table);
  const flow = await harness.flow(table, `odd-${nth}`);
  const { deps, now } = harness;
  const ids = { runId: deps.ids.runId(now), workspace: flow.workspace, flowId: flow.flowId };
  const startedBy = { kind: "user", id: "ann" } as const;
  run = newRun(
    { ...ids, incarnation: flow.incarnation, version: 1, startedBy, runAs: "system" },
    now,
    deps.ids,
  );
  await deps.runs.create(run, "{}");
});
const stored = () => harness.deps.runs.get(run.workspace, run.runId);

/** A visit of a state whose name DynamoDB cannot store. */
const visit = (): GateEvent => ({
  ...{ v: 1, op: "gate", kind: "step", type: "Task", path: "", state: "half \ud83d" },
  ...{ workspace: run.workspace, flowId: run.flowId, incarnation: run.incarnation, version: 1 },
  execution: `${run.runId}.1`,
  entered: new Date(harness.now).toISOString(),
});
const gate = () =>
  passInlineGate(
    { ...harness.deps, settings: harness.deps.settings, permissionsOf: async () => [] },
    visit(),
  );

test("a gate whose write can never succeed ends the run instead of being called forever", async () => {
  await expect(gate()).rejects.toMatchObject({ name: "Sluice.Closed" });
  expect(await stored()).toMatchObject({
    status: "failed",
    error: { error: "Sluice.NotStorable", state: "half \ufffd" },
  });
  await expect(gate()).rejects.toMatchObject({ name: "Sluice.Closed" });
});

test("the sweeper ends a run whose repair can never be stored", async () => {
  const unstorable = async () => {
    await table.put({ PK: "a", SK: "b", text: "\ud83d" });
    return undefined;
  };
  harness.now += 3_600_000;
  const executions = Object.assign(Object.create(harness.started), { start: unstorable });
  await sweep({ ...harness.deps, executions }, LIMITS);
  expect(await stored()).toMatchObject({ status: "failed", error: { error: "Sluice.NotStorable" } });
});
