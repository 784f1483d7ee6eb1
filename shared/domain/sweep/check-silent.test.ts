import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { startTestTable, type TestTable } from "../../../test/harness/table/test-table.ts";
import type { ExecutionState } from "../../outbound/ports.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { Table } from "../../store/table.ts";
import { newRun } from "../dispatch/new-run.ts";
import { changeBySystem } from "../runs/status-change.ts";
import { isGivenUp } from "./check-silent.ts";
import { sweep } from "./sweep.ts";

const ANN = { kind: "user", id: "ann" } as const;
const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };
const HOUR = 3_600_000;
/** Hours between two sweeps. */
const STEP = 5;

let db: TestTable;
let harness: HoldHarness;
let table: Table;
/** The answer of Step Functions for every execution. */
let state: ExecutionState | undefined;
let sent: string[] = [];
beforeAll(async () => {
  db = await startTestTable();
});
afterAll(() => db.close());
beforeEach(() => {
  table = new Table(db.client, db.name);
  harness = new HoldHarness(table);
  sent = [];
  state = undefined;
  Object.assign(harness.started, {
    describe: async () => state,
    succeed: async (token: string) => {
      sent.push(token);
      return "sent";
    },
  });
});

let runs = 0;
/** A run whose execution was started; `began`: it passed its first gate. */
const started = async (began: boolean): Promise<RunItem> => {
  runs += 1;
  const { deps, now } = harness;
  const flow = await harness.flow(table, `silent-${runs}`);
  const ids = { runId: deps.ids.runId(now), workspace: flow.workspace, flowId: flow.flowId };
  const run = newRun(
    { ...ids, incarnation: flow.incarnation, version: 1, startedBy: ANN, runAs: "system" },
    now,
    deps.ids,
  );
  await deps.runs.create(run, "{}");
  const at = new Date(now).toISOString();
  if (!began) {
    await deps.runs.clearIntent(run, run.intent?.id ?? "");
    return run;
  }
  const moved = await deps.runs.changeStatus(run, [changeBySystem("begin", now)], {
    set: { startedAt: at, checkAt: at },
    remove: ["intent"],
  });
  if (!moved.ok) throw new Error("refused");
  return moved.run;
};
const now = async ({ workspace, runId }: RunItem): Promise<RunItem> => {
  const run = await harness.deps.runs.get(workspace, runId);
  if (run === undefined) throw new Error("The run is gone");
  return run;
};
const pass = async (hours: number): Promise<void> => {
  for (let passed = 0; passed < hours; passed += STEP) {
    harness.now += STEP * HOUR;
    await sweep(harness.deps, LIMITS);
  }
};

describe("a silent run whose execution Step Functions does not know", () => {
  test("is given up after many checks over a day, with a name and a cause of its own", async () => {
    const run = await started(true);
    await pass(20);
    expect(await now(run)).toMatchObject({ status: "running" });
    await pass(25);
    expect(await now(run)).toMatchObject({ status: "failed", error: { error: "Sluice.ExecutionLost" } });
    expect((await now(run)).intent).toBeUndefined();
  });

  test("is not given up if it was found in between", async () => {
    const run = await started(true);
    await pass(20);
    state = { status: "RUNNING" };
    await pass(15);
    expect((await now(run)).lost).toBeUndefined();
    state = undefined;
    await pass(20);
    expect((await now(run)).status).toBe("running");
  });

  test("is started again if it never began", async () => {
    const run = await started(false);
    await pass(5);
    expect(harness.started.names).toEqual([`${run.runId}.1`]);
    await pass(35);
    expect((await now(run)).status).toBe("pending");
  });

  test.each([
    [4, 30 * HOUR, false],
    [5, 23 * HOUR, false],
    [5, 24 * HOUR, true],
  ])("%i checks over %i ms: %s", (looks, over, expected) => {
    expect(isGivenUp({ since: new Date(0).toISOString(), looks }, over)).toBe(expected);
  });
});

describe("a park that nothing holds", () => {
  const park = (run: RunItem, holder: "user" | "flow") =>
    harness.deps.parks.put(run, {
      ...{ runId: run.runId, token: `${run.runId} ${holder}`, state: "S", path: "", holder },
      ...{ entered: new Date(harness.now).toISOString(), parkedAt: new Date(harness.now).toISOString() },
    });

  test("is released by the check of its silent run, wherever it is parked", async () => {
    const run = await started(true);
    await park(run, "user");
    await park(run, "flow");
    state = { status: "RUNNING" };
    await pass(5);
    expect(sent.sort()).toEqual([`${run.runId} flow`, `${run.runId} user`]);
    const left = [];
    for await (const one of harness.deps.parks.ofRun(run)) left.push(one);
    expect(left).toEqual([]);
  });

  test("stays while its user or its flow holds the run", async () => {
    const paused = await started(true);
    await harness.deps.runs.changeStatus(paused, [changeBySystem("pause", harness.now)], {
      set: { pausedBy: { kind: "user", id: "ann", at: new Date(harness.now).toISOString() } },
    });
    await park(paused, "user");
    state = { status: "RUNNING" };
    await pass(5);
    expect(sent).toEqual([]);
  });
});
