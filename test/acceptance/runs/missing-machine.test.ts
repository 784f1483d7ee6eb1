import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** A new state machine or version may be unknown to Step Functions for a while. */
describe("a start on a machine that Step Functions does not find", { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    // The failures are intended here, so the handlers' log lines about them are suppressed.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    stack = await testStack("one");
    await stack.admin.publish("steps", tasks("one"));
  });
  afterEach(() => stack.admin.call("DELETE", "/local/faults"));
  afterAll(async () => {
    vi.unstubAllEnvs();
    await stack.close();
  });

  const failStarts = (error: string, times: number) =>
    stack.admin.expect([200, 201, 204], "POST", "/local/faults", {
      ...{ service: "states", operation: "StartExecution", when: "before", error, times },
    });
  /** The sweeper is due every minute, but runs only once in each advance of the clock. */
  const pass = async (minutes: number): Promise<void> => {
    for (let minute = 0; minute < minutes; minute += 1) await stack.admin.advance("PT1M");
  };
  const statusOf = async (runId: string) => (await stack.admin.run(runId)).status;

  it.each([1, 2])("succeeds if the machine is found after %i attempts", async (looks) => {
    await failStarts("StateMachineDoesNotExist", looks);
    const { runId } = await stack.operator.dispatch("steps", {});
    expect(await statusOf(runId)).toBe("pending");
    await pass(8);
    expect(await stack.admin.untilStatus(runId, "completed")).not.toHaveProperty("error");
  });

  it("is given up after three attempts over some minutes, and says what to do", async () => {
    await failStarts("StateMachineDoesNotExist", 3);
    const { runId } = await stack.operator.dispatch("steps", {});
    await pass(2);
    expect(await statusOf(runId)).toBe("pending");
    await pass(6);
    const { status, error } = await stack.admin.run(runId);
    expect(status).toBe("failed");
    expect(error).toMatchObject({ error: "Sluice.StateMachineMissing" });
    expect(error?.cause).toMatch(/Publish the flow again/);
  });

  it("is given up at once if the machine is being deleted", async () => {
    await failStarts("StateMachineDeleting", 1);
    const { runId } = await stack.operator.dispatch("steps", {});
    expect(await statusOf(runId)).toBe("failed");
  });
});
