import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const ONE_HOUR = { TimeoutSeconds: 3600 };

describe("a machine's own TimeoutSeconds of one hour", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    await stack.admin.publish("steps", chain({ one: task("one"), two: task("two") }, ONE_HOUR));
    await stack.admin.publish(
      "wait",
      chain({ Wait: { Type: "Wait", Seconds: 86_400 }, two: task("two") }, ONE_HOUR),
    );
    await stack.admin.publish(
      "gate",
      chain(
        { Wait: { Type: "Wait", Seconds: 3599 }, Again: { Type: "Wait", Seconds: 2 }, two: task("two") },
        ONE_HOUR,
      ),
    );
  });
  afterAll(() => stack.close());

  it("race 12: does not elapse during a pause of three days", async () => {
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch("steps", {});
    await eventually(() => stack.functions.count("one") > 0 || undefined);
    await stack.operator.act(runId, "pause");
    stack.functions.release("one");
    await stack.operator.until(runId, (run) => run.parkedAt !== undefined);
    await stack.admin.advance("P3D");
    expect((await stack.operator.run(runId)).status).toBe("paused");
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    await stack.operator.untilStatus(runId, "completed");
  });

  const expectTimedOut = async (runId: string) => {
    const run = await stack.operator.untilStatus(runId, "failed");
    expect(run.error?.error).toBe("States.Timeout");
    return run;
  };

  it("ends a run inside a long step", async () => {
    stack.functions.block("one");
    const { runId } = await stack.operator.dispatch("steps", {});
    await stack.operator.untilStatus(runId, "running");
    await stack.admin.advance("PT59M");
    expect((await stack.operator.run(runId)).status).toBe("running");
    await stack.admin.advance("PT2M");
    await expectTimedOut(runId);
    stack.functions.release("one");
  });

  it("ends a run inside a Wait", async () => {
    const { runId } = await stack.operator.dispatch("wait", {});
    await stack.operator.untilStatus(runId, "waiting");
    await stack.admin.advance("PT59M");
    expect((await stack.operator.run(runId)).status).toBe("waiting");
    await stack.admin.advance("PT2M");
    await expectTimedOut(runId);
  });

  it("ends a run that reaches a gate too late", async () => {
    const before = stack.functions.count("two");
    const { runId } = await stack.operator.dispatch("gate", {});
    await stack.operator.untilStatus(runId, "waiting");
    await stack.admin.advance("PT1H2S");
    const run = await expectTimedOut(runId);
    const late = Date.parse(run.endedAt ?? "") - Date.parse(run.startedAt ?? "") - 3_600_000;
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(61_000);
    expect(stack.functions.count("two")).toBe(before);
  });
});
