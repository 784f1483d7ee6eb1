import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parkGate } from "../../../shared/domain/gates/park-gate.ts";
import { passGate } from "../../../shared/domain/gates/pass-gate.ts";
import { completeStep } from "../../../shared/domain/people/complete-step.ts";
import { askPerson } from "../../../shared/domain/people/human-step.ts";
import { cancelRun } from "../../../shared/domain/runs/cancel-run.ts";
import { deleteRun } from "../../../shared/domain/runs/delete-run.ts";
import { failRun } from "../../../shared/domain/runs/fail-run.ts";
import { readAudit, readRun } from "../../../shared/domain/runs/read-run.ts";
import { stepIdOf } from "../../../shared/domain/steps/visit.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { GateEvent } from "../../../shared/model/machines/task-events.ts";
import type { RunItem } from "../../../shared/store/records.ts";
import { RunStore } from "../../../shared/store/runs/runs.ts";
import { ANN, EngineRig, latch, task } from "../../harness/engine/engine-harness.ts";

let rig: EngineRig;
beforeAll(async () => {
  rig = await EngineRig.start();
  rig.functions.set("work", (event) => event);
});
afterAll(() => rig.close());

const view = async (run: RunItem) => (await readRun(rig.deps, run.workspace, run.runId)).run;
const HOLD = { manual: { id: "h", since: "2026-01-01T00:00:00.000Z", by: { kind: "user", id: "ann" } } };
const waits: JsonObject = {
  StartAt: "Work",
  States: { Work: task("work", { Next: "Doze" }), Doze: { Type: "Wait", Seconds: 864_000, End: true } },
};
const gateOf = (run: RunItem, more: Partial<GateEvent>): GateEvent => ({
  ...{
    v: 1,
    op: "gate",
    workspace: run.workspace,
    flowId: run.flowId,
    incarnation: run.incarnation,
    version: 1,
  },
  ...{
    execution: `${run.runId}.1`,
    state: "Work",
    path: "",
    entered: run.createdAt,
    kind: "step",
    type: "Task",
  },
  ...more,
});

describe("a late copy of a gate's call", () => {
  test("that had read the run before later steps began does not take the run back to its own", async () => {
    const run = await rig.begin(waits, {});
    await rig.settle();
    const waiting = await rig.run(run);
    expect(waiting.currentStep?.name).toBe("Doze");
    // As the copy had read it: Work was the newest step, and nothing has changed the status since.
    const work = { name: "Work", stepId: "work", entered: waiting.createdAt };
    const written = await rig.deps.runs.note(waiting, { set: { currentStep: work } });
    expect(written.ok).toBe(false);
    expect((await rig.run(run)).currentStep?.name).toBe("Doze");
  });

  test("of a branch's step that has begun does not say that the run is held", async () => {
    const go = latch();
    const inside = latch();
    rig.functions.set("slow", async () => {
      inside.open();
      await go.promise;
      return {};
    });
    const fan: JsonObject = {
      StartAt: "Fan",
      States: {
        Fan: {
          Type: "Parallel",
          Branches: [{ StartAt: "Slow", States: { Slow: task("slow", { End: true }) } }],
          End: true,
        },
      },
    };
    const run = await rig.begin(fan, {});
    await inside.promise;
    const [, slow] = await rig.deps.steps.all(run.workspace, run.runId);
    await rig.setHolds(run.flowId, run.incarnation, HOLD);
    const copy = gateOf(run, { state: "Slow", path: "Fan[0]", entered: slow?.entered ?? "" });
    expect(stepIdOf(copy)).toBe(slow?.stepId);
    await passGate(rig.deps, copy);
    expect((await rig.run(run)).status).toBe("running");
    await rig.setHolds(run.flowId, run.incarnation, {});
    go.open();
    await rig.settle();
    expect((await view(run)).status).toBe("completed");
  });
});

describe("a call that comes when the run is long gone", () => {
  test("writes nothing: a gate, an end, a park, a person's step", async () => {
    const work = task("work", { End: true });
    const run = await rig.dispatch({ StartAt: "Work", States: { Work: work } }, {});
    await rig.advance(180_000);
    await deleteRun(rig.deps, { ...run, actor: ANN });
    const { v, workspace, flowId, incarnation, version, execution, state, path, entered } = gateOf(run, {});
    const common = { v, workspace, flowId, incarnation, version, execution, state, path, entered };
    for (const more of [{}, { kind: "complete", input: 1 }, { kind: "fail", error: "Boom" }] as const) {
      await expect(passGate(rig.deps, gateOf(run, more))).rejects.toMatchObject({ name: "Sluice.Closed" });
    }
    await parkGate(rig.deps, { ...common, op: "park", token: "spent" });
    const spec = { Title: "Ship?" };
    await askPerson(rig.deps, { ...common, op: "human", kind: "approval", token: "spent", spec });
    expect(await rig.deps.runs.get(run.workspace, run.runId)).toBeUndefined();
    expect((await rig.deps.runs.beside(run)).keys).toEqual([]);
  });
});

test("a park that comes when the run is over writes no item, not even for a moment", async () => {
  const run = await rig.dispatch(waits, {});
  await cancelRun(rig.deps, { ...run, actor: ANN });
  const { v, workspace, flowId, incarnation, version, execution, state, path, entered } = gateOf(run, {});
  const common = { v, workspace, flowId, incarnation, version, execution, state, path, entered };
  const written: unknown[] = [];
  const parks = new Proxy(rig.deps.parks, {
    get: (target, name) =>
      name === "put"
        ? async (...args: unknown[]) => void written.push(args)
        : Reflect.get(target, name).bind(target),
  });
  await parkGate({ ...rig.deps, parks }, { ...common, op: "park", token: "spent" });
  expect(written).toEqual([]);
});

describe("an end that came second", () => {
  test("leaves the output of a run that was completed first", async () => {
    const run = await rig.dispatch(waits, { order: 1 });
    const seen = await rig.run(run);
    await rig.advance(864_000_000);
    expect((await rig.run(run)).status).toBe("completed");
    await failRun(rig.deps, seen, { error: "States.Timeout", cause: "", state: "" });
    const output = await rig.deps.runs.output(run.workspace, run.runId);
    expect(JSON.parse(output?.output ?? "null")).toEqual({ order: 1 });
    expect(await view(run)).toMatchObject({ status: "completed", output: { order: 1 } });
  });

  test("leaves the error of a run that failed first", async () => {
    const run = await rig.dispatch(waits, {});
    await failRun(rig.deps, await rig.run(run), { error: "States.Timeout", cause: "", state: "" });
    const late = gateOf(run, { kind: "fail", error: "Boom", cause: "too late", state: "Doze" });
    await expect(passGate(rig.deps, late)).resolves.toBeUndefined();
    expect((await view(run)).error).toEqual({ error: "States.Timeout", cause: "", state: "" });
  });
});

test("a change of status counts, though the older entries of the trail could not be moved on", async () => {
  const table = new Proxy(rig.deps.table, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return name === "put" ? () => Promise.reject(new Error("throttled")) : member.bind(target);
    },
  });
  const runs = new RunStore(table);
  let run = await rig.dispatch(waits, {}, false);
  const transitions = ["pause", "requeue", "pause", "requeue", "pause"] as const;
  for (const transition of transitions) {
    const written = await runs.changeStatus(run, [{ transition, entry: { at: run.createdAt, actor: ANN } }]);
    if (!written.ok) throw new Error("refused");
    run = written.record;
  }
  await rig.deps.runs.changeStatus(run, [
    { transition: "requeue", entry: { at: run.createdAt, actor: ANN } },
  ]);
  expect((await rig.run(run)).trail).toHaveLength(2);
  const audit = await readAudit(rig.deps, run.workspace, run.runId);
  expect(audit.map(({ action }) => action)).toEqual(["dispatch", ...transitions, "requeue"]);
});

test("an answer that no state can hold is refused before anything is written", async () => {
  const ask: JsonObject = {
    StartAt: "Ask",
    States: {
      Ask: { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "?" }, End: true },
    },
  };
  const run = await rig.dispatch(ask, {});
  const stepId = (await view(run)).waitingOn?.stepId ?? "";
  const request = { ...run, stepId, actor: ANN, mayAnswerUnassigned: true, decision: "approved" } as const;
  await expect(completeStep(rig.deps, { ...request, data: "ü".repeat(131_072) })).rejects.toMatchObject({
    code: "payload_too_large",
  });
  await completeStep(rig.deps, request);
  await rig.settle();
  expect((await view(run)).status).toBe("completed");
});
