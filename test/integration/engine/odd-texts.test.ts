import { afterAll, beforeAll, expect, test } from "vitest";
import { readRun } from "../../../shared/domain/runs/read-run.ts";
import { readSteps } from "../../../shared/domain/steps/read-steps.ts";
import { EngineHarness, task } from "../../harness/engine/engine-harness.ts";

const EMOJI = "😀";

let harness: EngineHarness;
beforeAll(async () => {
  harness = await EngineHarness.start();
  harness.functions.set("work", (event) => event);
});
afterAll(() => harness.close());

const ended = async (definition: Parameters<EngineHarness["dispatch"]>[0]) => {
  const run = await harness.dispatch(definition, {});
  const { workspace, runId } = run;
  const { items } = await readSteps(harness.deps, workspace, runId, { limit: 10 });
  return { run: (await readRun(harness.deps, workspace, runId)).run, items };
};

test.each([255, 256, 261, 262, 263, 298, 299, 300])(
  "a function's error ends the run even if it is cut after %i letters, in the middle of a character",
  async (letters) => {
    harness.functions.set("break", () => {
      const text = "x".repeat(letters) + EMOJI;
      throw Object.assign(new Error(text), { name: text });
    });
    const { run, items } = await ended({ StartAt: "Break", States: { Break: task("break", { End: true }) } });
    expect(run).toMatchObject({ status: "failed", error: { state: "Break" } });
    expect(run.error?.error.isWellFormed()).toBe(true);
    expect(run.error?.error.length).toBeGreaterThanOrEqual(255);
    expect(run.error?.cause.isWellFormed()).toBe(true);
    expect(items).toMatchObject([{ name: "Break", status: "failed" }]);
  },
);

test.each([298, 299, 300, 32_767])(
  "a Fail with a cause of %i letters and an emoji ends the run",
  async (letters) => {
    const Cause = "x".repeat(letters) + EMOJI;
    const { run } = await ended({
      StartAt: "Work",
      States: { Work: task("work", { Next: "Stop" }), Stop: { Type: "Fail", Error: `E${EMOJI}`, Cause } },
    });
    expect(run).toMatchObject({ status: "failed", error: { error: `E${EMOJI}`, state: "Stop" } });
    expect(run.error?.cause.startsWith("x".repeat(298))).toBe(true);
    expect(run.error?.cause.isWellFormed()).toBe(true);
  },
);

test("half a character that a function throws or returns ends the run like any other string", async () => {
  harness.functions.set("break", () => {
    throw Object.assign(new Error("half \ud83d"), { name: "Half\udc00" });
  });
  const failed = await ended({ StartAt: "Break", States: { Break: task("break", { End: true }) } });
  expect(failed.run).toMatchObject({ status: "failed", error: { error: "Half\ufffd" } });
  harness.functions.set("half", () => ({ text: "\ud83d", "key\udc00": 1 }));
  const done = await ended({
    StartAt: "Half",
    States: { Half: task("half", { Next: "Work" }), Work: task("work", { End: true }) },
  });
  expect(done.run.status).toBe("completed");
  expect(done.items).toMatchObject([{ status: "completed" }, { status: "completed" }]);
});
