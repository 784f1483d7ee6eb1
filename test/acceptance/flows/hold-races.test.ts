import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** For more: `RACES=200 npx vitest run test/acceptance/flows/hold-races.test.ts`. */
const ROUNDS = Number(process.env["RACES"] ?? 30);
const WITHIN_MS = 20;

describe("concurrent holds and dispatches", () => {
  let stack: TestStack;
  let flow: FlowClient;
  beforeAll(async () => {
    stack = await testStack("one");
    await stack.admin.publish("raced", tasks("one"));
    flow = new FlowClient(stack.operator, "raced");
  });
  afterAll(() => stack.close());

  it(`${ROUNDS} times a dispatch against a pause or a resume: every record that was accepted completes once`, async () => {
    const accepted: string[] = [];
    const soon = () => delay(Math.random() * WITHIN_MS);
    for (let i = 0; i < ROUNDS; i += 1) {
      const [control, run] = await Promise.all([
        soon().then(() => (i % 2 === 0 ? flow.pause() : flow.resume())),
        soon().then(() => flow.dispatch({ i })),
      ]);
      expect([i, control.status]).toEqual([i, 200]);
      accepted.push(run.runId);
    }
    expect((await flow.now()).status).toBe("active");
    await stack.admin.advance("PT5M");
    await flow.untilCensus({ completed: ROUNDS }, 60);
    expect((await flow.runs()).map(({ runId }) => runId).toSorted()).toEqual(accepted.toSorted());
    const records = stack.functions
      .calls("one")
      .filter(({ at }) => at === "begin")
      .map(({ event }) => (event as { i: number }).i);
    expect(records.toSorted((a, b) => a - b)).toEqual(accepted.map((_, i) => i));
    expect(await leftovers(stack.url)).toEqual([]);
    expect(await flow.now()).toMatchObject({ queued: 0, inFlight: 0, draining: null });
  }, 300_000);
});
