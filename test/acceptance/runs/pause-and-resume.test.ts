import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../harness/clients/client.ts";
import { tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const NAMES = ["one", "two", "three", "four", "five"];

describe("a run of five steps", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack(...NAMES);
    await stack.admin.publish("five", tasks(...NAMES));
  });
  afterAll(() => stack.close());

  it("is paused inside a step, keeps its position and continues from there", async () => {
    const { functions, operator } = stack;
    functions.block("two");
    const { runId } = await operator.dispatch("five", { order: 7 });
    await eventually(() => functions.count("two") === 1 || undefined);

    const paused = await operator.act(runId, "pause", { reason: "wrong price list" });
    expect(paused.status).toBe(200);
    expect(paused.body).toMatchObject({
      status: "paused",
      currentStep: "two",
      pausedBy: { kind: "user", id: "operator", reason: "wrong price list" },
      allowedActions: ["resume", "cancel"],
    });
    expect(paused.body["parkedAt"]).toBeUndefined();

    functions.release("two");
    const parked = await operator.until(runId, (run) => run.parkedAt !== undefined);
    expect(parked.status).toBe("paused");
    // Real time on purpose: only waiting for a while shows that nothing happens.
    await delay(500);
    expect(functions.count("three")).toBe(0);
    const steps = await operator.steps(runId);
    expect(steps.map((step) => [step.name, step.status])).toEqual([
      ["one", "completed"],
      ["two", "completed"],
    ]);
    expect(steps[1]?.output).toEqual({ order: 7, one: 1, two: 1 });

    const resumed = await operator.act(runId, "resume");
    expect(resumed.status).toBe(200);
    expect(resumed.body).toMatchObject({ status: "running" });
    const done = await operator.untilStatus(runId, "completed");
    expect(done.output).toEqual({ order: 7, one: 1, two: 1, three: 1, four: 1, five: 1 });
    expect(functions.calls("three")[0]?.event).toEqual({ order: 7, one: 1, two: 1 });
    for (const name of NAMES) expect([name, functions.count(name)]).toEqual([name, 1]);

    expect(
      (await operator.audit(runId)).map((item) => [item.rev, item.action, item.from, item.to]).sort(),
    ).toEqual([
      [1, "dispatch", undefined, "pending"],
      [2, "begin", "pending", "running"],
      [3, "pause", "running", "paused"],
      [4, "resume", "paused", "running"],
      [5, "complete", "running", "completed"],
    ]);
  });
});
