import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nextStatus, type Transition } from "../../../shared/model/transitions.ts";
import { type Client, eventually } from "../../harness/clients/client.ts";
import { tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const NAMES = ["one", "two", "three", "four", "five", "six"];

/** Plays the audit in order of rev: legal transitions without a gap, ending in the run's status. */
const expectLegalHistory = async (client: Client, runId: string) => {
  const run = await client.run(runId);
  const audit = (await client.audit(runId)).toSorted((a, b) => a.rev - b.rev);
  expect(audit.map((item) => item.rev)).toEqual(audit.map((_, i) => i + 1));
  let status: string | undefined;
  for (const item of audit) {
    expect(item.from).toBe(status);
    if (item.from !== undefined) {
      expect(nextStatus(item.from as Parameters<typeof nextStatus>[0], item.action as Transition)).toBe(
        item.to,
      );
    }
    status = item.to;
  }
  expect(status).toBe(run.status);
  expect(audit.length).toBe(run.rev);
};

describe("two hundred concurrent callers", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack(...NAMES);
    await stack.admin.publish("storm", tasks(...NAMES));
  });
  afterAll(() => stack.close());

  const storm = async (payload: { cancelAt?: number; tag: string }) => {
    stack.functions.block("two");
    const { runId } = await stack.operator.dispatch("storm", payload);
    await stack.operator.untilStatus(runId, "running");
    const answers = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        if (i === 100) stack.functions.release("two");
        const action = i === payload.cancelAt ? "cancel" : i % 2 === 0 ? "pause" : "resume";
        return { action, answer: await stack.operator.act(runId, action) };
      }),
    );
    for (const { action, answer } of answers) {
      if (answer.status === 200) continue;
      expect([action, answer.status]).toEqual([action, 409]);
      expect(["state_changed", "action_not_allowed", "run_already_terminal"]).toContain(answer.body["code"]);
    }
    expect(answers.some(({ answer }) => answer.status === 200)).toBe(true);
    return runId;
  };

  it("pause and resume one run: each answer is legal and the run ends", async () => {
    const runId = await storm({ tag: "storm" });
    const standing = await stack.operator.run(runId);
    if (standing.status === "paused") expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    const done = await stack.operator.untilStatus(runId, "completed", 30);
    await expectLegalHistory(stack.operator, done.runId);
    for (const name of NAMES) expect([name, stack.functions.count(name)]).toEqual([name, 1]);
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });

  it("do the same with a cancel among them, after which the run stays cancelled", async () => {
    const runId = await storm({ tag: "cancel", cancelAt: 120 });
    expect((await stack.operator.run(runId)).status).toBe("cancelled");
    await expectLegalHistory(stack.operator, runId);
    const steps = await stack.operator.steps(runId);
    for (const step of steps) expect(["completed", "cancelled"]).toContain(step.status);
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });
});
