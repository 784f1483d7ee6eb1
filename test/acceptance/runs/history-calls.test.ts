import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const always = (Next: string) => ({
  Type: "Choice",
  Choices: [{ Variable: "$", IsPresent: true, Next }],
  Default: Next,
});
const end = (name: string, more: JsonObject = {}) => ({ [name]: task(name, { End: true, ...more }) });
const branch = (name: string): JsonObject => ({ StartAt: name, States: end(name) });
const caught = { Catch: [{ ErrorEquals: ["States.ALL"], Next: "Sorry" }] };

/** Flows whose runs complete, with their steps in the order in which they begin. */
const ORDINARY: Readonly<Record<string, readonly [JsonObject, readonly string[]]>> = {
  choice: [
    { StartAt: "one", States: { one: task("one", { Next: "C" }), C: always("two"), ...end("two") } },
    ["one", "two"],
  ],
  "pass that changes the value": [
    {
      StartAt: "one",
      States: {
        one: task("one", { Next: "P" }),
        P: { Type: "Pass", Parameters: { "all.$": "$" }, Next: "C" },
        C: always("two"),
        two: task("two", { Next: "Q" }),
        Q: { Type: "Pass", Result: 1, End: true },
      },
    },
    ["one", "two"],
  ],
  "catch that is not taken": [
    {
      StartAt: "one",
      States: {
        one: task("one", { Next: "P", ...caught }),
        P: { Type: "Pass", Result: {}, Next: "two" },
        ...end("two", caught),
        Sorry: { Type: "Fail", Error: "Sorry" },
      },
    },
    ["one", "two"],
  ],
  parallel: [
    chain({ Both: { Type: "Parallel", Branches: [branch("left"), branch("right")] }, two: task("two") }),
    ["Both", "left", "right", "two"],
  ],
  map: [
    chain({
      Each: { Type: "Map", ItemsPath: "$.items", MaxConcurrency: 1, ItemProcessor: branch("one") },
      two: task("two"),
    }),
    ["Each", "one", "one", "two"],
  ],
  "map inside a parallel, at the end": [
    chain({
      Both: {
        Type: "Parallel",
        Branches: [
          {
            StartAt: "In",
            States: { In: { Type: "Map", ItemsPath: "$.items", ItemProcessor: branch("one"), End: true } },
          },
        ],
      },
    }),
    ["Both", "In", "one", "one"],
  ],
};

describe("reads of the execution's history", { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    // The failures are intended here, so the handlers' log lines about them are suppressed.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "SILENT");
    stack = await testStack("one", "two", "left", "right", "bad");
    stack.functions.fail("bad", "OutOfStock");
  });
  afterEach(() => stack.admin.call("DELETE", "/local/faults"));
  afterAll(async () => {
    vi.unstubAllEnvs();
    await stack.close();
  });

  const reads = async (): Promise<number> => {
    await stack.admin.advance("PT1S");
    const { stepFunctions } = await stack.admin.expect<{ stepFunctions: Record<string, number> }>(
      [200],
      "GET",
      "/local/usage",
    );
    return stepFunctions["GetExecutionHistory"] ?? 0;
  };
  let flows = 0;
  const run = async (definition: JsonObject): Promise<string> => {
    flows += 1;
    await stack.admin.publish(`flow-${flows}`, definition);
    await stack.admin.expect([200], "DELETE", "/local/usage");
    const { runId } = await stack.operator.dispatch(`flow-${flows}`, { items: [1, 2] });
    await stack.admin.untilStatus(runId, "completed");
    return runId;
  };

  it.each(Object.entries(ORDINARY))(
    "are not needed to complete a run: %s",
    async (_name, [definition, names]) => {
      const runId = await run(definition);
      expect(await reads()).toBe(0);
      const steps = await stack.admin.steps(runId);
      expect(steps.map(({ name }) => name).toSorted()).toEqual([...names].toSorted());
      for (const { status, endedAt, output } of steps) {
        expect(status).toBe("completed");
        expect(endedAt).toBeDefined();
        expect(output).toBeDefined();
      }
      // The result of the first read is stored.
      const before = await reads();
      expect(await stack.admin.steps(runId)).toEqual(steps);
      expect(await reads()).toBe(before);
    },
  );

  const CAUGHT = {
    StartAt: "bad",
    States: {
      bad: task("bad", { Next: "two", Catch: [{ ErrorEquals: ["States.ALL"], Next: "P" }] }),
      P: { Type: "Pass", Next: "two" },
      ...end("two"),
    },
  };

  it("happen once for a caught error, when the run is closed", async () => {
    const runId = await run(CAUGHT);
    await eventually(async () => (await reads()) === 1 || undefined);
    expect((await stack.admin.steps(runId))[0]).toMatchObject({
      status: "failed",
      error: { error: "OutOfStock" },
    });
    expect(await reads()).toBe(1);
  });

  it("are left to the next reader of the run if they are throttled, and no event is lost", async () => {
    await stack.admin.expect([200, 201, 204], "POST", "/local/faults", {
      ...{
        service: "states",
        operation: "GetExecutionHistory",
        when: "before",
        error: "ThrottlingException",
      },
    });
    const runId = await run(CAUGHT);
    await stack.admin.advance("PT10M");
    await stack.admin.call("DELETE", "/local/faults");
    expect(await stack.admin.expect([200], "GET", "/local/dead-letters")).toMatchObject({ items: [] });
    expect((await stack.admin.steps(runId))[0]).toMatchObject({
      status: "failed",
      error: { error: "OutOfStock" },
    });
  });
});
