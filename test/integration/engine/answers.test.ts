import { afterAll, beforeAll, expect, test } from "vitest";
import { answerStep } from "../../../shared/domain/people/answer-step.ts";
import type { StepItem } from "../../../shared/store/runs/step-item.ts";
import { StepStore } from "../../../shared/store/runs/steps.ts";
import { beforeFirst } from "../../harness/domain/between.ts";
import { ANN, EngineHarness } from "../../harness/engine/engine-harness.ts";

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.start();
});
afterAll(() => harness.close());

const approval = {
  StartAt: "Ask",
  States: {
    Ask: { Type: "Task", Resource: "arn:sluice:::approval", Parameters: { Title: "May we?" }, End: true },
  },
};

/** The steps before the question is stored: first none, then one without a token. */
class EarlySteps extends StepStore {
  #reads = 0;
  override async get(...key: Parameters<StepStore["get"]>): Promise<StepItem | undefined> {
    const step = await super.get(...key);
    this.#reads += 1;
    if (step === undefined || this.#reads === 1) return undefined;
    const { human, ...unasked } = step;
    return this.#reads === 2 || human === undefined ? unasked : step;
  }
}

const answer = (runId: string, stepId: string) => ({
  ...{ workspace: "demo", runId, stepId, actor: ANN, mayAnswerUnassigned: true },
  decision: "approved" as const,
});

test("an answer that arrives before the step has stored its token counts", async () => {
  const run = await harness.dispatch(approval, {});
  const { stepId = "" } = run.waitingOn ?? {};
  await answerStep({ ...harness.deps, steps: new EarlySteps(harness.deps.table) }, answer(run.runId, stepId));
  await harness.settle();
  expect((await harness.run(run)).status).toBe("completed");
});

test("an answer to a step that ends between its read and its write is refused and not stored", async () => {
  const run = await harness.dispatch(approval, {});
  const { stepId = "" } = run.waitingOn ?? {};
  const { steps } = harness.deps;
  const end = {
    at: new Date().toISOString(),
    status: "failed" as const,
    error: { error: "States.Timeout", cause: "" },
  };
  const ending = beforeFirst(steps, "answer", () => steps.end("demo", run.runId, stepId, end));
  await expect(
    answerStep({ ...harness.deps, steps: ending }, answer(run.runId, stepId)),
  ).rejects.toMatchObject({ code: "step_already_completed" });
  await harness.settle();
  expect((await steps.get("demo", run.runId, stepId))?.human?.answer).toBeUndefined();
  expect((await harness.run(run)).status).toBe("waiting");
});

test("an answer to a step that waits for nobody is refused immediately", async () => {
  const run = await harness.dispatch(
    { StartAt: "W", States: { W: { Type: "Wait", Seconds: 9, End: true } } },
    {},
  );
  const { stepId = "" } = run.waitingOn ?? {};
  await expect(answerStep(harness.deps, answer(run.runId, stepId))).rejects.toMatchObject({
    code: "step_already_completed",
  });
  await expect(answerStep(harness.deps, answer(run.runId, "none"))).rejects.toMatchObject({
    code: "not_found",
  });
});
