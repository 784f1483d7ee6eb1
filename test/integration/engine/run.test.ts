import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { resumeRun } from "../../../shared/domain/repair/resume-run.ts";
import { cancelRun } from "../../../shared/domain/runs/cancel-run.ts";
import { pauseRun } from "../../../shared/domain/runs/pause-run.ts";
import { readAudit, readRun } from "../../../shared/domain/runs/read-run.ts";
import { readSteps } from "../../../shared/domain/steps/read-steps.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { ANN, EngineHarness, latch, task } from "../../harness/engine/engine-harness.ts";

const twoSteps: JsonObject = {
  StartAt: "First",
  States: {
    First: task("first", { Next: "Second" }),
    Second: task("second", { End: true }),
  },
};

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.start();
  harness.functions.set("first", () => ({ first: "done" }));
  harness.functions.set("second", () => ({ second: "done" }));
});
afterAll(() => harness.close());

describe("a run", () => {
  test("runs its steps and returns its output", async () => {
    const { workspace, runId } = await harness.dispatch(twoSteps, { order: 1 });
    const { run } = await readRun(harness.deps, workspace, runId);
    expect(run).toMatchObject({
      status: "completed",
      rev: 3,
      payload: { order: 1 },
      output: { second: "done" },
      currentStep: "Second",
    });
    const audit = await readAudit(harness.deps, workspace, runId);
    expect(audit.map(({ action, from, to, rev }) => [action, from, to, rev])).toEqual([
      ["dispatch", undefined, "pending", 1],
      ["begin", "pending", "running", 2],
      ["complete", "running", "completed", 3],
    ]);
    const { items } = await readSteps(harness.deps, workspace, runId, { limit: 50 });
    expect(
      items.map(({ seq, name, status, input, output }) => ({ seq, name, status, input, output })),
    ).toEqual([
      { seq: 1, name: "First", status: "completed", input: { order: 1 }, output: { first: "done" } },
      { seq: 2, name: "Second", status: "completed", input: { first: "done" }, output: { second: "done" } },
    ]);
  });

  test("paused inside a step parks at the next gate, keeps the result and continues from there", async () => {
    const inside = latch();
    const go = latch();
    harness.functions.set("slow", async () => {
      inside.open();
      await go.promise;
      return { slow: "done" };
    });
    const flow: JsonObject = {
      StartAt: "Slow",
      States: { Slow: task("slow", { Next: "Second" }), Second: task("second", { End: true }) },
    };
    const before = harness.calls.filter((name) => name === "second").length;
    const dispatched = harness.begin(flow, {});
    await inside.promise;
    const { workspace, runId } = await harness.running();
    const paused = await pauseRun(harness.deps, { workspace, runId, actor: ANN, reason: "look" });
    expect(paused).toMatchObject({ status: "paused", pausedBy: { kind: "user", id: "ann", reason: "look" } });
    expect(paused.parkedAt).toBeUndefined();
    go.open();
    await dispatched;
    await harness.settle();
    const parked = await readRun(harness.deps, workspace, runId);
    expect(parked.run.parkedAt).toBeDefined();
    expect(parked.run.currentStep).toBe("Slow");
    expect(harness.calls.filter((name) => name === "second")).toHaveLength(before);
    const { items } = await readSteps(harness.deps, workspace, runId, { limit: 50 });
    expect(items).toMatchObject([{ name: "Slow", status: "completed", output: { slow: "done" } }]);

    await resumeRun(harness.deps, { workspace, runId, actor: ANN });
    await harness.settle();
    expect((await readRun(harness.deps, workspace, runId)).run).toMatchObject({ status: "completed" });
    expect(harness.calls.filter((name) => name === "second")).toHaveLength(before + 1);
  });

  test("cancelled in a wait has its execution stopped", async () => {
    const flow: JsonObject = {
      StartAt: "Hold",
      States: {
        Hold: { Type: "Wait", Seconds: 3600, Next: "Second" },
        Second: task("second", { End: true }),
      },
    };
    const { workspace, runId, status, waitingOn } = await harness.dispatch(flow, {});
    expect([status, waitingOn?.kind]).toEqual(["waiting", "delay"]);
    await expect(pauseRun(harness.deps, { workspace, runId, actor: ANN })).rejects.toMatchObject({
      code: "action_not_allowed",
      fields: { currentStatus: "waiting", allowedActions: ["cancel"] },
    });
    const cancelled = await cancelRun(harness.deps, { workspace, runId, actor: ANN });
    expect(cancelled).toMatchObject({ status: "cancelled", cancelReason: "Cancelled by user" });
    await harness.settle();
    const { run } = await readRun(harness.deps, workspace, runId);
    const { status: execution } = await harness.states("DescribeExecution", {
      executionArn: run.executionArn,
    });
    expect(execution).toBe("ABORTED");
    await expect(resumeRun(harness.deps, { workspace, runId, actor: ANN })).rejects.toMatchObject({
      code: "run_already_terminal",
      message: "Run is already cancelled",
    });
    const { items } = await readSteps(harness.deps, workspace, runId, { limit: 50 });
    expect(items).toMatchObject([{ name: "Hold", status: "cancelled" }]);
  });
});
