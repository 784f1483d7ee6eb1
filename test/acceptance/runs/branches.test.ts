import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const range = Array.from({ length: 10 }, (_, i) => i);

/** Ten branches of two steps each. */
const parallel: JsonObject = chain({
  Fan: {
    Type: "Parallel",
    Branches: range.map((i) => chain({ [`first ${i}`]: task("first"), [`second ${i}`]: task("second") })),
  },
  last: task("last"),
});
/** Ten iterations of two steps each, in a Map within a Map. */
const map: JsonObject = chain({
  Outer: {
    Type: "Map",
    ItemsPath: "$.groups",
    ItemProcessor: {
      ProcessorConfig: { Mode: "INLINE" },
      ...chain({
        Inner: {
          Type: "Map",
          ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...tasks("first", "second") },
        },
      }),
    },
  },
  last: task("last"),
});
const groups = [range.slice(0, 5).map((n) => ({ n })), range.slice(5).map((n) => ({ n }))];

describe("pause inside branches", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("first", "second", "last");
    await stack.admin.publish("parallel", parallel);
    await stack.admin.publish("map", map);
  });
  afterAll(() => stack.close());

  for (const [flowId, payload] of [
    ["parallel", { order: 1 }],
    ["map", { groups }],
  ] as const) {
    it(`parks every branch of a ${flowId} at its next gate and loses none`, async () => {
      const { functions, operator } = stack;
      const { runId: plainId } = await operator.dispatch(flowId, payload);
      const plain = await operator.untilStatus(plainId, "completed", 30);

      const first = functions.count("first");
      const second = functions.count("second");
      functions.block("first");
      const { runId } = await operator.dispatch(flowId, payload);
      await eventually(() => functions.count("first") === first + 10 || undefined);
      expect((await operator.act(runId, "pause")).status).toBe(200);
      functions.release("first");
      await operator.until(runId, (run) => run.parkedAt !== undefined, 30);
      await eventually(async () => (await leftovers(stack.url)).length === 10 || undefined);
      expect(functions.count("second")).toBe(second);

      expect((await operator.act(runId, "resume")).status).toBe(200);
      const done = await operator.untilStatus(runId, "completed", 30);
      expect(done.output).toEqual(plain.output);
      expect(functions.count("first")).toBe(first + 10);
      expect(functions.count("second")).toBe(second + 10);
      await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);

      const steps = await operator.steps(runId);
      expect(steps.filter((step) => step.status !== "completed")).toEqual([]);
      expect(steps.filter((step) => step.name.startsWith("second"))).toHaveLength(10);
      expect(
        new Set(steps.filter((step) => step.name.startsWith("second")).map((step) => step.branch)).size,
      ).toBe(10);
    });
  }
});
