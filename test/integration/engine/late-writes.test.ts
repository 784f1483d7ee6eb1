import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parkGate } from "../../../shared/domain/gates/park-gate.ts";
import { passGate } from "../../../shared/domain/gates/pass-gate.ts";
import { answerStep } from "../../../shared/domain/people/answer-step.ts";
import { askPerson } from "../../../shared/domain/people/ask-person.ts";
import { cancelRun } from "../../../shared/domain/runs/cancel-run.ts";
import { deleteRun } from "../../../shared/domain/runs/delete-run.ts";
import { failRun } from "../../../shared/domain/runs/fail-run.ts";
import { readAudit, readRun } from "../../../shared/domain/runs/read-run.ts";
import { stepIdOf } from "../../../shared/domain/steps/visit.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { GateEvent } from "../../../shared/model/machines/task-events.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { RunStore } from "../../../shared/store/runs/runs.ts";
import { ANN, EngineHarness, latch, task } from "../../harness/engine/engine-harness.ts";

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.start();
  harness.functions.set("work", (event) => event);
});
afterAll(() => harness.close());

const view = async (run: RunItem) => (await readRun(harness.deps, run.workspace, run.runId)).run;
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
  test("that read the run before later steps began does not reset the run to its own step", async () => {
    const run = await harness.begin(waits, {});
    await harness.settle();
    const waiting = await harness.run(run);
    expect(waiting.currentStep?.name).toBe("Doze");
    // As the copy read it: Work was the newest step, and the status has not changed since.
    const work = { name: "Work", stepId: "work", entered: waiting.createdAt };
    const written = await harness.deps.runs.updateAttributes(waiting, { set: { currentStep: work } });
    expect(written.ok).toBe(false);
    expect((await harness.run(run)).currentStep?.name).toBe("Doze");
  });

  test("of a branch's step that has begun does not report the run as held", async () => {
    const go = latch();
    const inside = latch();
    harness.functions.set("slow", async () => {
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
    const run = await harness.begin(fan, {});
    await inside.promise;
    const [, slow] = await harness.deps.steps.all(run.workspace, run.runId);
    await harness.setHolds(run.flowId, run.incarnation, HOLD);
    const copy = gateOf(run, { state: "Slow", path: "Fan[0]", entered: slow?.entered ?? "" });
    expect(stepIdOf(copy)).toBe(slow?.stepId);
    await passGate(harness.deps, copy);
    expect((await harness.run(run)).status).toBe("running");
    await harness.setHolds(run.flowId, run.incarnation, {});
    go.open();
    await harness.settle();
    expect((await view(run)).status).toBe("completed");
  });
});

describe("a call after the run was deleted", () => {
  test("writes nothing, be it a gate, an end, a park or a human step", async () => {
    const work = task("work", { End: true });
    const run = await harness.dispatch({ StartAt: "Work", States: { Work: work } }, {});
    await harness.advance(180_000);
    await deleteRun(harness.deps, { ...run, actor: ANN });
    const { v, workspace, flowId, incarnation, execution, state, path, entered } = gateOf(run, {});
    const common = { v, workspace, flowId, incarnation, execution, state, path, entered };
    for (const more of [{}, { kind: "complete", input: 1 }, { kind: "fail", error: "Boom" }] as const) {
      await expect(passGate(harness.deps, gateOf(run, more))).rejects.toMatchObject({
        name: "Sluice.Closed",
      });
    }
    await parkGate(harness.deps, { ...common, op: "park", token: "spent" });
    const spec = { Title: "Ship?" };
    await askPerson(harness.deps, { ...common, op: "human", kind: "approval", token: "spent", spec }, spec);
    expect(await harness.deps.runs.get(run.workspace, run.runId)).toBeUndefined();
    expect((await harness.deps.runs.relatedKeys(run)).keys).toEqual([]);
  });
});

test("a park after the run's end writes no item, not even for a moment", async () => {
  const run = await harness.dispatch(waits, {});
  await cancelRun(harness.deps, { ...run, actor: ANN });
  const { v, workspace, flowId, incarnation, execution, state, path, entered } = gateOf(run, {});
  const common = { v, workspace, flowId, incarnation, execution, state, path, entered };
  const written: unknown[] = [];
  const parks = new Proxy(harness.deps.parks, {
    get: (target, name) =>
      name === "put"
        ? async (...args: unknown[]) => void written.push(args)
        : Reflect.get(target, name).bind(target),
  });
  await parkGate({ ...harness.deps, parks }, { ...common, op: "park", token: "spent" });
  expect(written).toEqual([]);
});

describe("a second end", () => {
  test("keeps the output of a run that was completed first", async () => {
    const run = await harness.dispatch(waits, { order: 1 });
    const seen = await harness.run(run);
    await harness.advance(864_000_000);
    expect((await harness.run(run)).status).toBe("completed");
    await failRun(harness.deps, seen, { error: "States.Timeout", cause: "", state: "" });
    const output = await harness.deps.runs.output(run.workspace, run.runId);
    expect(JSON.parse(output?.output ?? "null")).toEqual({ order: 1 });
    expect(await view(run)).toMatchObject({ status: "completed", output: { order: 1 } });
  });

  test("keeps the error of a run that failed first", async () => {
    const run = await harness.dispatch(waits, {});
    await failRun(harness.deps, await harness.run(run), { error: "States.Timeout", cause: "", state: "" });
    const late = gateOf(run, { kind: "fail", error: "Boom", cause: "too late", state: "Doze" });
    await expect(passGate(harness.deps, late)).resolves.toBeUndefined();
    expect((await view(run)).error).toEqual({ error: "States.Timeout", cause: "", state: "" });
  });
});

test("a status change takes effect, even if older audit entries could not be archived", async () => {
  const table = new Proxy(harness.deps.table, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return name === "put" ? () => Promise.reject(new Error("throttled")) : member.bind(target);
    },
  });
  const runs = new RunStore(table);
  let run = await harness.dispatch(waits, {}, false);
  const transitions = ["pause", "requeue", "pause", "requeue", "pause"] as const;
  for (const transition of transitions) {
    const written = await runs.changeStatus(run, [{ transition, entry: { at: run.createdAt, actor: ANN } }]);
    if (!written.ok) throw new Error("refused");
    run = written.run;
  }
  await harness.deps.runs.changeStatus(run, [
    { transition: "requeue", entry: { at: run.createdAt, actor: ANN } },
  ]);
  expect((await harness.run(run)).recentAudit).toHaveLength(2);
  const audit = await readAudit(harness.deps, run.workspace, run.runId);
  expect(audit.map(({ action }) => action)).toEqual(["dispatch", ...transitions, "requeue"]);
});

test("an answer that is too large for a state is refused before anything is written", async () => {
  const ask: JsonObject = {
    StartAt: "Ask",
    States: {
      Ask: { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "?" }, End: true },
    },
  };
  const run = await harness.dispatch(ask, {});
  const stepId = (await view(run)).waitingOn?.stepId ?? "";
  const request = { ...run, stepId, actor: ANN, mayAnswerUnassigned: true, decision: "approved" } as const;
  await expect(answerStep(harness.deps, { ...request, data: "ü".repeat(131_072) })).rejects.toMatchObject({
    code: "payload_too_large",
  });
  await answerStep(harness.deps, request);
  await harness.settle();
  expect((await view(run)).status).toBe("completed");
});
