import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { startTestTable, type TestTable } from "../../../test/harness/table/test-table.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { Table } from "../../store/table.ts";
import { newRun } from "../dispatch/new-run.ts";
import { deleteFlow, sweepFlowDeletion } from "./delete-flow.ts";

const ANN = { kind: "user", id: "ann" } as const;

let db: TestTable;
let table: Table;
let harness: HoldHarness;
let flow: FlowItem;
beforeAll(async () => {
  db = await startTestTable();
  table = new Table(db.client, db.name);
});
afterAll(() => db.close());
let flows = 0;
beforeEach(async () => {
  harness = new HoldHarness(table);
  flows += 1;
  flow = await harness.flow(table, `flow-${flows}`);
});

/** Written by a dispatcher that had read the flow before its deletion began. */
const dispatchLate = async (queued: boolean) => {
  const { flowId, incarnation, workspace } = flow;
  const runId = harness.deps.ids.runId(harness.now);
  const run = newRun(
    { runId, workspace, flowId, incarnation, version: 1, startedBy: ANN, runAs: "system" },
    harness.now,
    harness.deps.ids,
    { queued },
  );
  const item = { runId, time: run.createdAt, nonce: "n" };
  await harness.deps.runs.create(run, "{}", queued ? item : undefined);
  return run;
};
const remove = () => deleteFlow(harness.deps, { ...flow, actor: ANN });
const deletion = () => harness.deps.deletions.read(flow);

describe("a flow's deletion", () => {
  test("checks once more when its late writers have ended: a record in the queue fails with the reason", async () => {
    await remove();
    const late = await dispatchLate(true);
    await harness.deps.meters.add(flow, "throughput", 1, harness.now);
    await sweepFlowDeletion(harness.deps, flow);
    expect((await harness.deps.runs.get(late.workspace, late.runId))?.status).toBe("pending");
    harness.now += 121_000;
    await sweepFlowDeletion(harness.deps, flow);
    const run = await harness.deps.runs.get(late.workspace, late.runId);
    expect(run).toMatchObject({ status: "failed", error: { error: "Sluice.StateMachineMissing" } });
    expect(harness.started.names).toEqual([]);
    expect(await harness.deps.queues.head(flow, 1)).toEqual([]);
    expect((await harness.deps.meters.read(flow, "throughput")).of("day", harness.now).used).toBe(0);
    expect(await deletion()).toBeUndefined();
  });

  test("that died before its commit is undone by the sweeper if a run was dispatched in the meantime", async () => {
    const { workspace, flowId, incarnation } = flow;
    const at = new Date(harness.now).toISOString();
    const intent = { since: at, by: ANN, due: at, tries: 0, committed: false };
    expect(await harness.deps.deletions.begin(flow, { workspace, flowId, incarnation, ...intent })).toBe(
      true,
    );
    await dispatchLate(false);
    await sweepFlowDeletion(harness.deps, flow);
    const open = await harness.deps.flows.read(workspace, flowId);
    expect(open).toBeDefined();
    expect(open?.deleting).toBeUndefined();
    expect(await deletion()).toBeUndefined();
    await expect(remove()).rejects.toMatchObject({
      code: "flow_has_open_runs",
      fields: { counts: { pending: 1 }, filter: { flowId, status: ["pending"] } },
    });
  });

  /** Overrides the index's answers by query; every other answer is the real one. */
  const indexSays = (answers: (status: string, pass: number) => string[] | undefined): void => {
    const { runIndex } = harness.deps;
    let asked = 0;
    const ofFlow: typeof runIndex.ofFlow = async (sources, ...more) => {
      asked += 1;
      const [, status = ""] = /#S#(\w+)#/.exec(JSON.stringify(sources)) ?? [];
      return answers(status, Math.ceil(asked / 5)) ?? runIndex.ofFlow(sources, ...more);
    };
    const read: typeof runIndex.read = (...asked) => runIndex.read(...asked);
    Object.assign(harness.deps, { runIndex: { ofFlow, read } });
  };

  test("counts a run whose status changes during the search once, under its current status", async () => {
    const { runId } = await dispatchLate(false);
    indexSays((status) => (status === "pending" || status === "running" ? [runId] : []));
    await expect(remove()).rejects.toMatchObject({ fields: { counts: { pending: 1 } } });
  });

  test("is refused for a run that the first search missed since its status changed", async () => {
    await dispatchLate(false);
    indexSays((_status, pass) => (pass === 1 ? [] : undefined));
    await expect(remove()).rejects.toMatchObject({ fields: { counts: { pending: 1 } } });
  });

  test("that is committed is finished whatever happens afterwards, even by concurrent calls", async () => {
    const { workspace, flowId, incarnation } = flow;
    const at = new Date(harness.now).toISOString();
    const intent = { since: at, by: ANN, due: at, tries: 0, committed: false };
    await harness.deps.deletions.begin(flow, { workspace, flowId, incarnation, ...intent });
    await harness.deps.deletions.commit(flow);
    expect(await harness.deps.deletions.reopen(flow)).toBe(false);
    await dispatchLate(false);
    await Promise.all([remove(), sweepFlowDeletion(harness.deps, flow), remove()]);
    expect(await harness.deps.flows.read(workspace, flowId)).toBeUndefined();
    expect(await harness.deps.flows.entries(workspace)).not.toContainEqual(
      expect.objectContaining({ flowId }),
    );
    harness.now += 300_000;
    await sweepFlowDeletion(harness.deps, flow);
    expect(await deletion()).toBeUndefined();
  });

  test("does not affect a flow that was created since with the same id", async () => {
    await remove();
    const reborn = await harness.flow(table, flow.flowId);
    harness.now += 121_000;
    await sweepFlowDeletion(harness.deps, flow);
    expect(await harness.deps.flows.read(reborn.workspace, reborn.flowId)).toMatchObject({
      incarnation: reborn.incarnation,
    });
    expect(await harness.deps.versions.read(reborn, 1)).toBeDefined();
    expect(await harness.deps.holds.get(reborn.workspace, reborn.flowId, reborn.incarnation)).toBeDefined();
  });
});
