import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import { machineName } from "../../../shared/model/machines/machine-names.ts";
import { generatedName, TASK_EVENT_VERSION } from "../../../shared/model/machines/task-events.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { HoldObserver } from "../../harness/ledger/hold-observer.ts";
import { allItems, leftovers, sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** `npm run test:throttling` makes a thousand. */
const CALLS = Number(process.env["PARK_CALLS"] ?? 40);
const SHARE = process.env["PARK_CALLS"] === undefined ? 0.01 : 0.3;
/** Runs of the park calls. Each has the same number of branches at a gate. */
const RUNS = 20;

describe(`${CALLS} park calls at once under one flow, ${SHARE * 100} % of the table's calls throttled`, () => {
  let stack: TestStack;
  let seen: HoldObserver;
  let lambda: LambdaClient;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    seen = new HoldObserver(stack.url);
    lambda = new LambdaClient({ ...sdkConfig(stack.url, "lambda"), maxAttempts: 1 });
    await stack.admin.publish("hot", tasks("one", "two"));
  });
  afterAll(async () => {
    lambda.destroy();
    seen.close();
    await stack.close();
  });

  it("are all stored, write no item of the flow and are all woken", { timeout: 3_600_000 }, async () => {
    const flow = new FlowClient(stack.operator, "hot");
    stack.functions.block("one");
    const runs = await flow.dispatchAll(Array.from({ length: RUNS }, (_, i) => ({ i })));
    await eventually(() => stack.functions.count("one") === RUNS || undefined, 60);
    expect((await flow.pause()).status).toBe(200);
    stack.functions.release("one");
    await flow.untilCensus({ paused: RUNS }, 60);
    const { incarnation } = await seen.flowItem("hot");
    const flowItems = async () =>
      (await allItems(stack.url)).filter(({ SK }) => SK === "FLOW" || SK === "HOLD" || SK === "COUNT");
    const before = await flowItems();
    const parked = async () =>
      (await allItems(stack.url)).filter(({ PK }) => /#P#\d+$/.test(String(PK))).length;
    const standing = await parked();
    expect(standing).toBe(RUNS);

    for (const [seed, error] of ["ProvisionedThroughputExceededException", "ThrottlingException"].entries()) {
      const fault = {
        service: "dynamodb",
        operation: "*",
        when: "before",
        probability: SHARE / 2,
        seed,
        error,
      };
      await stack.admin.expect([200, 201, 204], "POST", "/local/faults", fault);
    }
    await stack.admin.expect([200], "DELETE", "/local/usage");
    const machine = `arn:aws:states:us-east-1:000000000000:execution:${machineName("demo", incarnation)}`;
    const event = (i: number) => {
      const state = { Name: generatedName("Sluice park", "two"), EnteredTime: new Date(0).toISOString() };
      const at = [`${machine}:${runs[i % RUNS]?.runId}.1`, state, `token-${i}`];
      return { v: TASK_EVENT_VERSION, at, flow: "hot", path: `Each[${i}]` };
    };
    // Like the compiled text, it retries a failed call.
    const park = async (i: number): Promise<number> => {
      for (let tries = 1; ; tries += 1) {
        const Payload = JSON.stringify(event(i));
        const { FunctionError, Payload: answer } = await lambda.send(
          new InvokeCommand({ FunctionName: "sluice-park", Payload }),
        );
        if (FunctionError === undefined) return tries;
        if (tries > 100) throw new Error(`The park fails: ${new TextDecoder().decode(answer)}`);
      }
    };
    const tries = await Promise.all(Array.from({ length: CALLS }, (_, i) => park(i)));
    await stack.admin.expect([200, 204], "DELETE", "/local/faults");
    const usage = await stack.admin.expect<UsageReport>([200], "GET", "/local/usage");
    const calls = tries.reduce((sum, one) => sum + one, 0);
    expect(await parked()).toBe(CALLS + RUNS);
    expect(await flowItems()).toEqual(before);
    // A put, and before and after it a read of the hold and the run.
    expect(usage.dynamodb.byFunction["sluice-park"]?.calls).toBeLessThanOrEqual(calls * 5);
    expect(usage.dynamodb.byFunction["sluice-park"]?.writeUnits).toBeLessThanOrEqual(calls);

    expect((await flow.resume()).status).toBe(200);
    await flow.untilCensus({ completed: RUNS }, 120);
    await stack.admin.advance("PT3M");
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined, 60);
    for (const name of ["one", "two"]) expect(stack.functions.count(name)).toBe(RUNS);
  });
});
