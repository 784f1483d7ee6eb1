import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { answerStep } from "../../../shared/domain/people/answer-step.ts";
import { resumeRun } from "../../../shared/domain/repair/resume-run.ts";
import { deleteRun } from "../../../shared/domain/runs/delete-run.ts";
import { pauseRun } from "../../../shared/domain/runs/pause-run.ts";
import { readAudit, readRun } from "../../../shared/domain/runs/read-run.ts";
import { startRun } from "../../../shared/domain/runs/start-run.ts";
import { readStep, readSteps } from "../../../shared/domain/steps/read-steps.ts";
import { failedState, recordedInput } from "../../../shared/domain/steps/recorded-step.ts";
import type { Actor } from "../../../shared/model/actor.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { ANN, EngineHarness, task } from "../../harness/engine/engine-harness.ts";

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.start();
  harness.functions.set("work", (event) => event);
  harness.functions.set("break", () => {
    throw Object.assign(new Error("no stock"), { name: "OutOfStock" });
  });
});
afterAll(() => harness.close());

const view = async (run: RunItem) => (await readRun(harness.deps, run.workspace, run.runId)).run;
const steps = async (run: RunItem) =>
  (await readSteps(harness.deps, run.workspace, run.runId, { limit: 200 })).items;
const executionStatus = async (run: RunItem) =>
  (await harness.states("DescribeExecution", { executionArn: (await view(run)).executionArn }))["status"];

/** Every status change of a run, in order, with nothing left out. */
const expectGapless = async (run: RunItem) => {
  const audit = await readAudit(harness.deps, run.workspace, run.runId);
  expect(audit.map(({ rev }) => rev)).toEqual(audit.map((_, index) => index + 1));
  expect(audit.slice(1).map(({ from }) => from)).toEqual(audit.slice(0, -1).map(({ to }) => to));
  expect(audit.at(-1)?.to).toBe((await harness.run(run)).status);
};

describe("a failure", () => {
  test("keeps its step, error and full cause", async () => {
    const flow: JsonObject = { StartAt: "Break", States: { Break: task("break", { End: true }) } };
    const run = await harness.dispatch(flow, { sku: 7 });
    const failed = await view(run);
    expect(failed).toMatchObject({ status: "failed", error: { error: "OutOfStock", state: "Break" } });
    expect(JSON.parse(failed.error?.cause ?? "")).toMatchObject({ errorMessage: "no stock" });
    expect(await steps(run)).toMatchObject([
      { name: "Break", status: "failed", input: { sku: 7 }, error: { error: "OutOfStock" } },
    ]);
    expect(await executionStatus(run)).toBe("FAILED");
    const over = await harness.run(run);
    expect(await failedState(harness.deps, over)).toBe("Break");
    expect(await recordedInput(harness.deps, over, "Break")).toBe('{"sku":7}');
    await expectGapless(run);
  });

  test("that the flow catches ends its step, not the run", async () => {
    const flow: JsonObject = {
      StartAt: "Break",
      States: {
        Break: task("break", { Catch: [{ ErrorEquals: ["OutOfStock"], Next: "Work" }], Next: "Work" }),
        Work: task("work", { End: true }),
      },
    };
    const run = await harness.dispatch(flow, {});
    expect((await view(run)).status).toBe("completed");
    expect(await steps(run)).toMatchObject([
      { name: "Break", status: "failed", error: { error: "OutOfStock" } },
      { name: "Work", status: "completed" },
    ]);
  });

  test("that no Catch can handle reaches the run through the event", async () => {
    const flow: JsonObject = {
      StartAt: "Choose",
      States: {
        Choose: { Type: "Choice", Choices: [{ Variable: "$.absent", NumericEquals: 1, Next: "Work" }] },
        Work: task("work", { End: true }),
      },
    };
    const run = await harness.dispatch(flow, {});
    await harness.settle();
    expect(await view(run)).toMatchObject({ status: "failed", error: { error: "States.Runtime" } });
    await expectGapless(run);
  });
});

describe("an approval", () => {
  const flow: JsonObject = {
    StartAt: "Ask",
    States: {
      Ask: {
        Type: "Task",
        Resource: "arn:sluice:::approval",
        Parameters: { Title: "Ship?", Assignees: ["bob"] },
        Catch: [{ ErrorEquals: ["Sluice.Rejected"], Next: "Refused" }],
        Next: "Work",
      },
      Work: task("work", { End: true }),
      Refused: { Type: "Pass", Result: { refused: true }, End: true },
    },
  };
  const BOB: Actor = { kind: "user", id: "bob" };
  const ask = async () => {
    const run = await harness.dispatch(flow, {});
    const { waitingOn } = await view(run);
    expect(waitingOn?.kind).toBe("approval");
    const stepId = waitingOn?.stepId ?? "";
    return {
      run,
      request: { workspace: run.workspace, runId: run.runId, stepId, mayAnswerUnassigned: true },
    };
  };

  test("is answered once, by an assignee", async () => {
    const { run, request } = await ask();
    await expect(
      answerStep(harness.deps, { ...request, actor: ANN, decision: "approved" }),
    ).rejects.toMatchObject({ code: "forbidden" });
    await expect(
      answerStep(harness.deps, { ...request, actor: BOB, decision: "submitted" }),
    ).rejects.toMatchObject({ code: "invalid_request", fields: { errors: [{ path: "decision" }] } });
    await answerStep(harness.deps, { ...request, actor: BOB, decision: "approved", comment: "go" });
    await harness.settle();
    await expect(
      answerStep(harness.deps, { ...request, actor: BOB, decision: "rejected" }),
    ).rejects.toMatchObject({ code: "step_already_completed" });
    const done = await view(run);
    expect(done).toMatchObject({
      status: "completed",
      output: { decision: "approved", by: "bob", comment: "go" },
    });
    await expectGapless(run);
  });

  test("that is rejected throws an error that the flow can catch", async () => {
    const { run, request } = await ask();
    const step = await answerStep(harness.deps, { ...request, actor: BOB, decision: "rejected" });
    await harness.settle();
    expect(step.stepId).toBe(request.stepId);
    expect(await view(run)).toMatchObject({ status: "completed", output: { refused: true } });
    expect(await readStep(harness.deps, { ...run, stepId: request.stepId })).toMatchObject({
      status: "failed",
      error: { error: "Sluice.Rejected" },
    });
  });

  test("whose answer could not be sent is delivered by the sweeper, once", async () => {
    const { run, request } = await ask();
    harness.fault = (operation) => (operation === "SendTaskSuccess" ? "before" : undefined);
    await answerStep(harness.deps, { ...request, actor: BOB, decision: "approved" });
    harness.fault = () => undefined;
    expect((await view(run)).status).toBe("waiting");
    await harness.advance(90_000);
    await harness.sweep();
    expect(await view(run)).toMatchObject({ status: "completed", output: { decision: "approved" } });
    const step = await harness.deps.steps.get(run.workspace, run.runId, request.stepId);
    expect(step?.human?.intent).toBeUndefined();
  });
});

describe("a form", () => {
  test("accepts data that fits its schema and names the fields that do not", async () => {
    const schema = { type: "object", properties: { amount: { type: "integer" } }, required: ["amount"] };
    const flow: JsonObject = {
      StartAt: "Fill",
      States: {
        Fill: {
          Type: "Task",
          Resource: "arn:sluice:::form",
          Parameters: { Title: "How many?", Form: schema },
          End: true,
        },
      },
    };
    const run = await harness.dispatch(flow, {});
    const stepId = (await view(run)).waitingOn?.stepId ?? "";
    const request = {
      workspace: run.workspace,
      runId: run.runId,
      stepId,
      actor: ANN,
      decision: "submitted",
    } as const;
    await expect(
      answerStep(harness.deps, { ...request, mayAnswerUnassigned: false, data: { amount: 1 } }),
    ).rejects.toMatchObject({ code: "forbidden" });
    const may = { ...request, mayAnswerUnassigned: true };
    await expect(answerStep(harness.deps, { ...may, data: { amount: "many" } })).rejects.toMatchObject({
      code: "invalid_request",
      fields: { errors: [{ path: "data.amount", message: "must be integer" }] },
    });
    await answerStep(harness.deps, { ...may, data: { amount: 3 } });
    await harness.settle();
    expect(await view(run)).toMatchObject({ output: { decision: "submitted", data: { amount: 3 } } });
  });
});

describe("a deadline", () => {
  const flow: JsonObject = {
    StartAt: "Work",
    TimeoutSeconds: 600,
    States: {
      Work: task("work", { Next: "Hold" }),
      Hold: { Type: "Wait", Seconds: 3600, Next: "Again" },
      Again: task("work", { End: true }),
    },
  };

  test("ends a waiting run through the sweeper", async () => {
    const run = await harness.dispatch(flow, {});
    await harness.advance(590_000);
    await harness.sweep();
    expect((await view(run)).status).toBe("waiting");
    await harness.advance(20_000);
    await harness.sweep();
    const failed = await view(run);
    expect(failed).toMatchObject({ status: "failed", error: { error: "States.Timeout", cause: "" } });
    expect(failed.waitingOn).toBeUndefined();
    expect(await executionStatus(run)).toBe("ABORTED");
    expect((await harness.run(run)).intent).toBeUndefined();
    await expectGapless(run);
  });

  test("is enforced at a later gate, and does not elapse while the run is paused", async () => {
    const slow: JsonObject = {
      StartAt: "Work",
      TimeoutSeconds: 600,
      States: { Work: task("pausing", { Next: "Again" }), Again: task("work", { End: true }) },
    };
    let run: RunItem | undefined;
    harness.functions.set("pausing", async (event) => {
      run = await harness.running();
      await pauseRun(harness.deps, { ...run, actor: ANN });
      return event;
    });
    await harness.dispatch(slow, {});
    if (run === undefined) throw new Error("The step did not run");
    expect((await view(run)).parkedAt).toBeDefined();
    await harness.advance(86_400_000);
    await harness.sweep();
    expect((await view(run)).status).toBe("paused");
    await resumeRun(harness.deps, { ...run, actor: ANN });
    await harness.settle();
    expect((await view(run)).status).toBe("completed");
    await expectGapless(run);
  });
});

describe("an execution that ends outside Sluice", () => {
  const flow: JsonObject = {
    StartAt: "Hold",
    States: { Hold: { Type: "Wait", Seconds: 864_000, Next: "Work" }, Work: task("work", { End: true }) },
  };
  const stop = async (run: RunItem) => {
    await harness.states("StopExecution", { executionArn: (await view(run)).executionArn, cause: "by hand" });
    await harness.settle();
  };

  test("race 11: fails its run with the reason", async () => {
    const run = await harness.dispatch(flow, {});
    await stop(run);
    const failed = await view(run);
    expect(failed).toMatchObject({ status: "failed", error: { error: "Sluice.ExecutionAborted" } });
    expect(failed.error?.cause).toContain("by hand");
    await expect(resumeRun(harness.deps, { ...run, actor: ANN })).rejects.toMatchObject({
      code: "run_already_terminal",
      message: "Run is already failed",
    });
    expect(await steps(run)).toMatchObject([{ name: "Hold", status: "cancelled" }]);
    await expectGapless(run);
  });

  test("race 11: is detected by the sweeper when the event is lost", async () => {
    const run = await harness.dispatch(flow, {});
    harness.deliverEvents = false;
    await stop(run);
    harness.deliverEvents = true;
    expect((await view(run)).status).toBe("waiting");
    await harness.advance(10 * 60_000);
    await harness.sweep();
    expect(await view(run)).toMatchObject({ status: "failed", error: { error: "Sluice.ExecutionAborted" } });
  });
});

describe("a start", () => {
  const flow: JsonObject = { StartAt: "Work", States: { Work: task("work", { End: true }) } };

  test("that was lost is repeated by the sweeper", async () => {
    const run = await harness.dispatch(flow, {}, false);
    expect((await view(run)).status).toBe("pending");
    await harness.sweep();
    expect((await view(run)).status).toBe("pending");
    await harness.advance(61_000);
    await harness.sweep();
    expect((await view(run)).status).toBe("completed");
  });

  test("race 09: whose answer was lost is recognized as done", async () => {
    const run = await harness.dispatch(flow, {}, false);
    let tries = 0;
    harness.fault = (operation) => {
      if (operation === "StartExecution") tries += 1;
      return operation === "StartExecution" && tries === 1 ? "after" : undefined;
    };
    await startRun(harness.deps, run);
    await harness.settle();
    await startRun(harness.deps, run);
    await harness.settle();
    harness.fault = () => undefined;
    expect(tries).toBe(3);
    expect((await view(run)).status).toBe("completed");
    await expectGapless(run);
  });

  test("of a run that is paused before its first gate parks there, and returns to pending", async () => {
    const run = await harness.dispatch(flow, {}, false);
    await pauseRun(harness.deps, { ...run, actor: ANN });
    expect((await view(run)).parkedAt).toBeDefined();
    await startRun(harness.deps, run);
    await harness.settle();
    expect((await view(run)).status).toBe("paused");
    const resumed = await resumeRun(harness.deps, { ...run, actor: ANN });
    expect(resumed.status).toBe("pending");
    await harness.settle();
    expect((await view(run)).status).toBe("completed");
    await expectGapless(run);
  });

  test("of a run that was paused before it started happens at the resume", async () => {
    const run = await harness.dispatch(flow, {}, false);
    await pauseRun(harness.deps, { ...run, actor: ANN });
    await resumeRun(harness.deps, { ...run, actor: ANN });
    await harness.settle();
    expect((await view(run)).status).toBe("completed");
  });
});

describe("the flow's hold", () => {
  const flow: JsonObject = { StartAt: "Work", States: { Work: task("work", { End: true }) } };
  const HOLD = { manual: { id: "h", since: "2026-01-01T00:00:00.000Z", by: { kind: "user", id: "ann" } } };

  test("is independent of the user's pause", async () => {
    const run = await harness.dispatch(flow, {}, false);
    await harness.setHolds(run.flowId, run.incarnation, HOLD);
    await startRun(harness.deps, run);
    await harness.settle();
    expect(await view(run)).toMatchObject({ status: "paused", pausedBy: { kind: "flow" } });
    await expect(resumeRun(harness.deps, { ...run, actor: ANN })).rejects.toMatchObject({
      code: "flow_held",
    });
    await harness.setHolds(run.flowId, run.incarnation, {});
    for await (const park of harness.deps.parks.ofRun(run)) {
      expect(park.holder).toBe("flow");
      await harness.deps.executions.succeed(park.token, "{}");
    }
    await harness.settle();
    expect((await view(run)).status).toBe("completed");
    await expectGapless(run);
  });

  test("parks a run again after its user resumes it", async () => {
    const run = await harness.dispatch(flow, {}, false);
    await pauseRun(harness.deps, { ...run, actor: ANN });
    await harness.setHolds(run.flowId, run.incarnation, HOLD);
    await startRun(harness.deps, run);
    await harness.settle();
    expect(await view(run)).toMatchObject({ pausedBy: { kind: "user" } });
    await resumeRun(harness.deps, { ...run, actor: ANN });
    await harness.settle();
    expect(await view(run)).toMatchObject({ status: "paused", pausedBy: { kind: "flow" } });
    await expectGapless(run);
  });
});

describe("a deleted run", () => {
  test("leaves nothing once its late writers are gone, and has its execution stopped", async () => {
    const flow: JsonObject = { StartAt: "Work", States: { Work: task("work", { End: true }) } };
    const run = await harness.dispatch(flow, {}, false);
    await pauseRun(harness.deps, { ...run, actor: ANN });
    await startRun(harness.deps, run);
    await harness.settle();
    const { executionArn } = await view(run);
    await deleteRun(harness.deps, { ...run, actor: ANN });
    await harness.settle();
    await expect(readRun(harness.deps, run.workspace, run.runId)).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(deleteRun(harness.deps, { ...run, actor: ANN })).rejects.toMatchObject({
      code: "not_found",
    });
    expect((await harness.states("DescribeExecution", { executionArn }))["status"]).toBe("ABORTED");
    const left = async () => {
      const items = [];
      const key = { text: "PK = :key", values: { ":key": `W#demo#R#${run.runId}` } };
      for await (const item of harness.deps.table.query({ key })) items.push(item);
      return items;
    };
    expect(await left()).toMatchObject([{ SK: "RUN", deleted: true }]);
    // The park and the step of a gate that had already decided.
    const park = { runId: run.runId, state: "Work", path: "", entered: "", parkedAt: "" };
    await harness.deps.parks.put(run, { ...park, token: "a", holder: "user" });
    await harness.deps.parks.put(run, { ...park, token: "b", holder: "flow" });
    await harness.deps.table.put({ PK: `W#demo#R#${run.runId}`, SK: "S#late" });
    await harness.sweep();
    expect(await left()).toHaveLength(3);
    await harness.advance(3 * 60_000);
    await harness.sweep();
    expect(await left()).toEqual([]);
    expect((await harness.deps.runs.relatedKeys(run)).keys).toEqual([]);
  });
});
