import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const STEPS = 600;
const MIDDLE = 300;

const long = (): JsonObject =>
  chain(
    Object.fromEntries(
      Array.from({ length: STEPS }, (_, index) => [
        `Step ${index + 1}`,
        task(index + 1 === MIDDLE ? "middle" : "work"),
      ]),
    ),
  );

describe("a flow of 600 steps", { timeout: 120_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("work", "middle");
    await stack.admin.publish("long", long());
  });
  afterAll(() => stack.close());

  const usage = (): Promise<UsageReport> => stack.admin.expect<UsageReport>([200], "GET", "/local/usage");
  /** Lets a run do its work, and says what its execution has cost. */
  const metered = async (work: () => Promise<Run>): Promise<{ transitions: number; gates: number }> => {
    await stack.admin.expect([200], "DELETE", "/local/usage");
    const run = await work();
    const ended = await stack.operator.untilStatus(run.runId, "completed", 60);
    expect(ended.output).toEqual({ work: STEPS - 1, middle: 1 });
    const { stateTransitions, lambdaInvocations } = await usage();
    return { transitions: stateTransitions, gates: lambdaInvocations["sluice-gate"] ?? 0 };
  };

  it("publishes, runs, and costs two more transitions and one more gate for a pause in the middle", async () => {
    const { operator, functions } = stack;
    const paused = await metered(async () => {
      functions.block("middle");
      const run = await operator.dispatch("long", {});
      await eventually(() => functions.count("middle") === 1 || undefined, 60);
      expect((await operator.act(run.runId, "pause")).status).toBe(200);
      functions.release("middle");
      const standing = await operator.until(run.runId, ({ parkedAt }) => parkedAt !== undefined, 60);
      expect(standing).toMatchObject({ status: "paused", currentStep: `Step ${MIDDLE}` });
      expect(functions.count("work")).toBe(MIDDLE - 1);
      expect((await operator.act(run.runId, "resume")).status).toBe(200);
      return run;
    });
    // Without a pause, each step takes two transitions and one gate, and the run's end one of each.
    expect(paused).toEqual({ transitions: 2 * STEPS + 1 + 2, gates: STEPS + 1 + 1 });
    expect(functions.count("work")).toBe(STEPS - 1);
  });
});
