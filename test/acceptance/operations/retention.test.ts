import { afterAll, beforeAll, expect, it } from "vitest";
import { chain, tasks } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack("one", "bad");
  stack.functions.fail("bad", "OutOfStock");
  await stack.admin.publish("steps", tasks("one"));
  await stack.admin.publish("fails", tasks("bad"));
  await stack.admin.publish("waits", chain({ Doze: { Type: "Wait", Seconds: 30_000_000 } }));
});
afterAll(() => stack.close());

const naming = async (runId: string) =>
  (await allItems(stack.url)).filter((item) => JSON.stringify(item).includes(runId));
const exists = async (runId: string) => (await stack.operator.call("GET", `/runs/${runId}`)).status === 200;

/** One run per way to end, and one that is unfinished. */
const someRuns = async () => {
  const [completed, failed, cancelled, open] = await Promise.all(
    ["steps", "fails", "waits", "waits"].map((flowId) => stack.operator.dispatch(flowId, {})),
  );
  const ids = [completed, failed, cancelled, open].map((run) => run?.runId ?? "");
  await stack.operator.untilStatus(ids[2] ?? "", "waiting");
  await stack.operator.act(ids[2] ?? "", "cancel");
  await stack.operator.untilStatus(ids[0] ?? "", "completed");
  await stack.operator.untilStatus(ids[1] ?? "", "failed");
  await stack.operator.untilStatus(ids[3] ?? "", "waiting");
  return { over: ids.slice(0, 3), open: ids[3] ?? "" };
};

it("runs are deleted 90 days after their end; unfinished runs stay", {
  timeout: 60_000,
}, async () => {
  const { over, open } = await someRuns();
  await stack.admin.advance("P89DT23H");
  for (const runId of [...over, open]) expect(await exists(runId)).toBe(true);
  await stack.admin.advance("PT2H");
  for (const runId of over) expect(await naming(runId)).toEqual([]);
  expect((await stack.operator.run(open)).status).toBe("waiting");
  expect((await stack.admin.call("GET", "/flows/steps/audit")).status).toBe(200);
});

it("the current value of the setting applies to old runs too", { timeout: 60_000 }, async () => {
  const { over, open } = await someRuns();
  await stack.admin.advance("P8D");
  for (const runId of over) expect(await exists(runId)).toBe(true);
  await stack.admin.expect([200], "PUT", "/settings", { retentionDays: 7 });
  await stack.admin.advance("PT2M");
  for (const runId of over) expect(await naming(runId)).toEqual([]);
  expect(await exists(open)).toBe(true);
  await stack.admin.expect([200], "PUT", "/settings", { retentionDays: 30 });
  const later = await someRuns();
  await stack.admin.advance("P29D");
  for (const runId of later.over) expect(await exists(runId)).toBe(true);
});
