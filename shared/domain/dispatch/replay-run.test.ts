import { describe, expect, test } from "vitest";
import { ANN, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { RunStatus } from "../../model/transitions.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import { keys } from "../../store/keys.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { Table } from "../../store/table.ts";
import { changeBySystem } from "../runs/status-change.ts";
import { dispatchBatch } from "./dispatch-batch.ts";
import { dispatchRun } from "./dispatch-run.ts";
import { type ReplayRequest, replayRun } from "./replay-run.ts";

const STARTER = { actor: ANN, permissions: ["pay"] };
const AT = "2026-03-01T12:00:00.000Z";
const step = (Next: string) => ({
  Type: "Task",
  Resource: "arn:aws:lambda:eu-west-1:123456789012:function:f",
  Next,
});
const definition = {
  StartAt: "One",
  States: { One: step("Two"), Two: step("Three"), Three: { Type: "Succeed" } },
};

let table: Table;
let harness: HoldHarness;
let flow: FlowItem;
let machines: string[];
freshFlows((fresh) => {
  ({ table, harness, flow } = fresh);
});

const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:";
const functions = {
  ...{ gate: `${FUNCTION}sluice-gate`, park: `${FUNCTION}sluice-park` },
  ...{ humanStep: `${FUNCTION}sluice-human-step`, continueAsNew: `${FUNCTION}sluice-hand-over` },
};
const dependencies = () => ({
  ...harness.deps,
  compileSettings: () => ({ functions, allowedResources: [] }),
  machines: {
    ...harness.deps.machines,
    create: async (name: string, text: string) => {
      machines.push(`${name}: ${(JSON.parse(text) as { StartAt: string }).StartAt}`);
    },
  },
});
const version = async (number: number, more: Partial<VersionItem> = {}) => {
  const { workspace, flowId, incarnation } = flow;
  await table.put({
    ...keys.version(workspace, flowId, incarnation, number),
    ...{ version: number, machineVersionArn: `arn:${number}`, runAs: "system", createdAt: AT, ...more },
  });
  await harness.deps.versions.putText(flow, number, "user", definition);
};
/** A run of the flow's first version that has this status. Its steps were One and Two. */
const old = async (status: RunStatus = "failed", more: object = {}): Promise<RunItem> => {
  machines = [];
  await version(1);
  await version(2);
  const request = { workspace: flow.workspace, flowId: flow.flowId, starter: STARTER, payload: { n: 1 } };
  const { record } = await dispatchRun(harness.deps, request);
  for (const name of ["One", "Two"]) {
    await harness.deps.steps.add(flow.workspace, record.runId, {
      ...{ stepId: name, name, type: "Task", path: "", entered: AT, startedAt: AT, after: [] },
      input: JSON.stringify({ of: name }),
    });
  }
  const begun = await harness.deps.runs.changeStatus(record, [changeBySystem("begin", harness.now)], {});
  if (!begun.ok) throw new Error("refused");
  const { workspace, flowId } = flow;
  const now = await harness.deps.flows.read(workspace, flowId);
  await table.update(keys.flow(workspace, flowId), { set: { version: 2 }, when: [] });
  flow = { ...(now ?? flow), version: 2 };
  if (status === "running") return begun.run;
  const transition = status === "failed" ? "fail" : status === "cancelled" ? "cancel" : "complete";
  const error = status === "failed" ? { error: { error: "E", cause: "c", state: "Two" } } : {};
  const over = await harness.deps.runs.changeStatus(begun.run, [changeBySystem(transition, harness.now)], {
    set: { ...error, ...more },
  });
  if (!over.ok) throw new Error("refused");
  return over.run;
};
const replay = async (run: RunItem, more: Partial<ReplayRequest> = {}) => {
  const asked = { workspace: run.workspace, runId: run.runId, starter: STARTER, ...more };
  const { record, payload } = await replayRun(dependencies(), asked);
  return { ...record, payload };
};

describe("a replay from the start", () => {
  test.each([
    [{}, 2, '{"n":1}'],
    [{ version: "latest" }, 2, '{"n":1}'],
    [{ version: "same" }, 1, '{"n":1}'],
    [{ from: "start", payload: null }, 2, "null"],
  ] as const)("with %j begins on version %i with %s", async (asked, number, payload) => {
    const run = await old();
    const replayed = await replay(run, asked);
    expect(replayed).toMatchObject({ version: number, payload, replayOf: run.runId, startedBy: ANN });
    expect(replayed.startState).toBeUndefined();
    expect(replayed.runId).not.toBe(run.runId);
    expect(harness.started.names).toContain(`${replayed.runId}.1`);
    expect(machines).toEqual([]);
  });

  test("with an idempotency key happens once, for one body", async () => {
    const run = await old("completed");
    const first = await replay(run, { idempotencyKey: "k" });
    expect(first.runId).not.toBe((await replay(run)).runId);
    expect((await replay(run, { idempotencyKey: "k" })).runId).toBe(first.runId);
    expect((await replay(run, { idempotencyKey: "other" })).runId).not.toBe(first.runId);
    const reused = { code: "idempotency_key_reused" };
    await expect(replay(run, { idempotencyKey: "k", version: "same" })).rejects.toMatchObject(reused);
    await expect(replay(run, { idempotencyKey: "k", payload: 1 })).rejects.toMatchObject(reused);
  });

  test("is possible only for a run that has ended and has not changed", async () => {
    const running = await old("running");
    await expect(replay(running)).rejects.toMatchObject({ code: "action_not_allowed" });
    const run = await old();
    await expect(replay(run, { ifMatch: run.rev - 1 })).rejects.toMatchObject({ code: "state_changed" });
    expect(await replay(run, { ifMatch: run.rev })).toMatchObject({ replayOf: run.runId });
    await expect(replay({ ...run, runId: running.runId.replace(/.$/, "x") })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test.each([
    [{ incarnation: "another" }, "The run's flow has been deleted"],
    [{ deleting: true }, "The run's flow has been deleted"],
    [{ version: 7 }, "Version 7 of the flow no longer exists"],
  ])("is not possible if the flow has %j", async (change, message) => {
    const run = await old();
    await table.update(keys.flow(flow.workspace, flow.flowId), { set: change, when: [] });
    await expect(replay(run)).rejects.toMatchObject({ code: "replay_not_possible", message });
  });

  test("needs the stored payload", async () => {
    const run = await old();
    await table.delete(keys.payload(run.workspace, run.runId));
    await expect(replay(run)).rejects.toThrow("The run's payload is no longer stored");
    expect(await replay(run, { payload: 5 })).toMatchObject({ payload: "5" });
  });
});

describe("a replay from a state", () => {
  test.each([
    ["failed-step", {}, "Two", '{"of":"Two"}'],
    ["Two", { payload: [1] }, "Two", "[1]"],
    ["Three", { payload: {} }, "Three", "{}"],
    ["One", {}, undefined, '{"of":"One"}'],
  ])("%s with %j begins there, on the run's own version", async (from, asked, state, payload) => {
    const run = await old();
    const replayed = await replay(run, { from, ...asked });
    expect(replayed).toMatchObject({ version: 1, payload, replayOf: run.runId });
    expect(replayed.startState).toBe(state);
    expect(machines).toHaveLength(state === undefined ? 0 : 1);
    if (state !== undefined && state !== "Three") expect(machines[0]).toMatch(`: Sluice gate - ${state}`);
    const again = machines.length;
    await replay(run, { from, ...asked });
    expect(machines).toHaveLength(again);
  });

  test("keeps the state of a replay that is replayed itself", async () => {
    const run = await old();
    const first = await replay(run, { from: "Two" });
    const written = await harness.deps.runs.get(run.workspace, first.runId);
    if (written === undefined) throw new Error("gone");
    const over = await harness.deps.runs.changeStatus(written, [changeBySystem("fail", harness.now)], {});
    if (!over.ok) throw new Error("refused");
    expect(await replay(over.run)).toMatchObject({ startState: "Two", version: 1, payload: '{"of":"Two"}' });
    expect(await replay(over.run, { version: "latest" })).toMatchObject({ startState: "Two", version: 2 });
  });

  test.each([
    ["completed", "failed-step", "The run has not failed: it is completed"],
    ["cancelled", "failed-step", "The run has not failed: it is cancelled"],
    ["failed", "Four", 'The flow has no state "Four"'],
    [
      ...(["failed", "Three"] as const),
      'The run never reached "Three", or Step Functions no longer has the history of its execution',
    ],
  ] as const)("of a %s run from %s is not possible", async (status, from, message) => {
    const run = await old(status);
    await expect(replay(run, { from })).rejects.toMatchObject({ code: "replay_not_possible", message });
  });
});

describe("a replay of an attached flow's run", () => {
  const attach = () =>
    table.update(keys.flow(flow.workspace, flow.flowId), {
      set: { attachment: { machineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:theirs" } },
      when: [],
    });

  test.each([
    [
      { from: "Two" },
      "The state machine now has the definition of version 2. Replay the run on the latest version.",
    ],
    [
      { version: "same" },
      "The state machine now has the definition of version 2. Replay the run on the latest version.",
    ],
  ] as const)("with %j is not possible", async (asked, message) => {
    const run = await old();
    await attach();
    await expect(replay(run, asked)).rejects.toMatchObject({ code: "replay_not_possible", message });
  });

  test("begins on the latest version, also after the flow was detached", async () => {
    const run = await old("failed", { machine: "theirs" });
    expect(await replay(run)).toMatchObject({ version: 2 });
    await expect(replay(run, { version: "same" })).rejects.toThrow(
      "no longer attached to the run's state machine",
    );
    await attach();
    expect(await replay(run)).toMatchObject({ version: 2, machine: "theirs" });
  });
});

describe("a batch", () => {
  const batch = (
    records: readonly { payload: unknown; idempotencyKey?: string }[],
    idempotencyKey?: string,
  ) =>
    dispatchBatch(
      harness.deps,
      {
        ...{ workspace: flow.workspace, flowId: flow.flowId, starter: STARTER, records },
        idempotencyKey,
        claim: async () => undefined,
      },
      (error) => error as never,
    );
  const ids = (results: Awaited<ReturnType<typeof batch>>) =>
    results.map((result) => ("run" in result ? result.run.runId : String((result.refusal as Error).message)));

  test("dispatches each record and answers in order; the same key gives the same runs", async () => {
    const first = ids(await batch([{ payload: 1 }, { payload: 2 }], "k"));
    expect(new Set(first).size).toBe(2);
    expect(ids(await batch([{ payload: 1 }, { payload: 2 }], "k"))).toEqual(first);
    expect(ids(await batch([{ payload: 1 }, { payload: 2 }], "other"))).not.toEqual(first);
    // They start at the same time.
    expect(harness.started.names.slice(0, 2).sort()).toEqual(first.map((id) => `${id}.1`).sort());
  });

  test("refuses a record whose key was used in the same batch with another payload", async () => {
    const results = ids(
      await batch([
        { payload: 1, idempotencyKey: "a" },
        { payload: 2, idempotencyKey: "a" },
        { payload: 1, idempotencyKey: "a" },
        { payload: "x".repeat(300_000) },
      ]),
    );
    expect(results[2]).toBe(results[0]);
    expect(results[1]).toContain("already used with a different request body");
    expect(results[3]).toContain("The payload has 300002 bytes of JSON");
  });
});
