import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Step } from "../../../shared/model/schemas/run.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** `npm run prove:children` has 2,000. */
const CHILDREN = Number(process.env["CHILDREN"] ?? 150);
const PATIENCE = CHILDREN;
/** Milliseconds in which a gate that decided before the pause may still begin its step, because thousands of calls are waiting. */
const DECIDED = 5_000 + 20 * CHILDREN;

const EACH: JsonObject = chain({
  Each: {
    Type: "Map",
    ItemsPath: "$.items",
    ItemProcessor: {
      ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
      ...chain({ one: task("one"), two: task("two"), three: task("three") }),
    },
  },
});
const NAMES = ["one", "two", "three"];
const payload = { items: Array.from({ length: CHILDREN }, (_, n) => ({ n })) };
const done = payload.items.map(({ n }) => ({ n, one: 1, two: 1, three: 1 }));

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack(...NAMES);
  await stack.admin.publish("each", EACH);
});
afterAll(() => stack.close());

const childrenOf = async (runId: string): Promise<Step["children"]> =>
  (await stack.operator.steps(runId)).find(({ name }) => name === "Each")?.children;

/** Pauses a run while some children are in their second step. Returns the time at which the pause was acknowledged. */
const pausedInTheMiddle = async (): Promise<{ readonly runId: string; readonly at: number }> => {
  stack.functions.forget();
  const { runId } = await stack.operator.dispatch("each", payload);
  await eventually(() => stack.functions.count("two") > CHILDREN / 10 || undefined, PATIENCE);
  expect((await stack.operator.act(runId, "pause")).status).toBe(200);
  return { runId, at: Date.now() };
};

const standing = async (runId: string) => {
  await eventually(
    async () => (await stack.operator.run(runId)).parkedAt !== undefined || undefined,
    PATIENCE,
  );
  const children = await childrenOf(runId);
  expect(children).toMatchObject({ total: CHILDREN, failed: 0, running: 0 });
  expect((children?.parked ?? 0) + (children?.succeeded ?? 0)).toBe(CHILDREN);
  expect(children?.parked).toBeGreaterThan(0);
};

it(`${CHILDREN} children stop after the acknowledgement of a pause, and a resume gives the same result`, {
  timeout: PATIENCE * 4_000,
}, async () => {
  const { runId, at } = await pausedInTheMiddle();
  await standing(runId);
  const begun = stack.functions.calls().filter((call) => call.at === "begin");
  expect(begun.filter(({ time }) => time > at + DECIDED)).toEqual([]);
  await delay(1_000);
  expect(stack.functions.calls().filter((call) => call.at === "begin")).toHaveLength(begun.length);
  expect((await stack.operator.act(runId, "resume")).status).toBe(200);
  await eventually(
    async () => (await stack.operator.run(runId)).status === "completed" || undefined,
    PATIENCE,
  );
  expect((await stack.operator.run(runId)).output).toEqual(done);
  for (const name of NAMES) expect(stack.functions.count(name)).toBe(CHILDREN);
  await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined, PATIENCE);
});

it(`${CHILDREN} children are gone after a cancel, and nothing is left`, {
  timeout: PATIENCE * 4_000,
}, async () => {
  const { runId } = await pausedInTheMiddle();
  await standing(runId);
  const begun = stack.functions.calls().length;
  expect((await stack.operator.act(runId, "cancel")).status).toBe(200);
  await stack.admin.advance("PT10M");
  expect(await stack.operator.run(runId)).toMatchObject({ status: "cancelled" });
  await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined, PATIENCE);
  expect(stack.functions.calls()).toHaveLength(begun);
});
