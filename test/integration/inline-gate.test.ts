import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { UsageReport } from "../../local/metering/usage.ts";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { eventually } from "../harness/clients/client.ts";
import { leftovers } from "../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

const GATE = fileURLToPath(new URL("../../functions/inline/gate.ts", import.meta.url));
const ARN = "arn:aws:lambda:us-east-1:123456789012:function:";

/** Functions that record their calls, each with an inline gate: refused calls are not recorded. */
const gated = (stack: TestStack, ...names: string[]): void => {
  for (const name of names) {
    const text = `
      import { withSluiceGate } from ${JSON.stringify(GATE)};
      import { handler as work } from "./${name}.mjs";
      export const handler = withSluiceGate(work);
    `;
    writeFileSync(join(stack.functions.dir, `gated-${name}.ts`), text);
  }
};

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack("one", "two", "three");
  gated(stack, "one", "two", "three");
});
afterAll(() => stack.close());

const inline = (name: string, more: JsonObject = {}): JsonObject => ({
  Type: "Task",
  Resource: `${ARN}gated-${name}`,
  Sluice: { Gate: "inline" },
  ...more,
});
const line = (more: JsonObject = {}): JsonObject => ({
  StartAt: "One",
  States: {
    One: inline("one", { Next: "Two" }),
    Two: inline("two", { Next: "Three" }),
    Three: inline("three", { End: true }),
  },
  ...more,
});

it("needs no state of its own and writes the same steps", async () => {
  await stack.admin.publish("line", line());
  await stack.admin.call("DELETE", "/local/usage");
  const run = await stack.admin.dispatch("line", { id: 1 });
  const done = await stack.admin.untilStatus(run.runId, "completed");
  expect(done.output).toEqual({ id: 1, one: 1, two: 1, three: 1 });
  const usage = await stack.admin.expect<UsageReport>([200], "GET", "/local/usage");
  expect(usage.stateTransitions).toBe(3 + 1);
  expect(usage.dynamodb.byFunction["sluice/gate"]?.calls).toBeGreaterThanOrEqual(3 * 3);
  const steps = await stack.admin.steps(run.runId);
  expect(steps.map(({ name, status, input, output }) => ({ name, status, input, output }))).toEqual([
    { name: "One", status: "completed", input: { id: 1 }, output: { id: 1, one: 1 } },
    { name: "Two", status: "completed", input: { id: 1, one: 1 }, output: { id: 1, one: 1, two: 1 } },
    {
      name: "Three",
      status: "completed",
      input: { id: 1, one: 1, two: 1 },
      output: { id: 1, one: 1, two: 1, three: 1 },
    },
  ]);
});

it.each(["JSONPath", "JSONata"])(
  "parks like a gate before the step, and continues from there: %s",
  async (language) => {
    const flowId = `pause-${language.toLowerCase()}`;
    await stack.admin.publish(flowId, line({ QueryLanguage: language }));
    const id = `pause ${language}`;
    stack.functions.block("one");
    const { runId } = await stack.admin.dispatch(flowId, { id });
    await stack.admin.until(runId, ({ currentStep }) => currentStep === "One");
    await begun("one", id);
    expect((await stack.admin.act(runId, "pause")).status).toBe(200);
    stack.functions.release("one");
    const paused = await stack.admin.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    expect(paused.status).toBe("paused");
    expect(called("two", id)).toBe(0);
    expect((await stack.admin.steps(runId)).map(({ name, status }) => [name, status])).toEqual([
      ["One", "completed"],
    ]);
    expect((await stack.admin.act(runId, "resume")).status).toBe(200);
    const done = await stack.admin.untilStatus(runId, "completed");
    expect(done.output).toEqual({ id, one: 1, two: 1, three: 1 });
    expect(["one", "two", "three"].map((name) => called(name, id))).toEqual([1, 1, 1]);
    expect((await stack.admin.steps(runId)).map(({ name, status }) => [name, status])).toEqual([
      ["One", "completed"],
      ["Two", "completed"],
      ["Three", "completed"],
    ]);
  },
);

it("holds the retry of a step, and records both visits", async () => {
  const Retry = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 60, MaxAttempts: 3 }];
  await stack.admin.publish("retry", {
    StartAt: "One",
    States: { One: inline("one", { Retry, End: true }) },
  });
  stack.functions.fail("one", "Flaky");
  const { runId } = await stack.admin.dispatch("retry", { id: "retry" });
  await begun("one", "retry");
  stack.functions.mend("one");
  expect((await stack.admin.act(runId, "pause")).status).toBe(200);
  expect((await stack.admin.run(runId)).parkedAt).toBeUndefined();
  await stack.admin.advance("PT2M");
  await stack.admin.until(runId, ({ parkedAt }) => parkedAt !== undefined);
  expect(called("one", "retry")).toBe(1);
  expect((await stack.admin.act(runId, "resume")).status).toBe(200);
  await stack.admin.untilStatus(runId, "completed");
  expect(called("one", "retry")).toBe(2);
  const steps = await stack.admin.steps(runId);
  expect(steps.map(({ name, status, error }) => [name, status, error?.error])).toEqual([
    ["One", "failed", "Flaky"],
    ["One", "completed", undefined],
  ]);
});

it("ends the execution quietly when the run is cancelled, whatever the step catches and retries", async () => {
  const ALL = { ErrorEquals: ["States.ALL"] };
  await stack.admin.publish("cancel", {
    StartAt: "Fan",
    States: {
      Fan: {
        Type: "Parallel",
        Branches: [
          { StartAt: "One", States: { One: inline("one", { End: true }) } },
          {
            StartAt: "Two",
            States: {
              Two: inline("two", {
                Next: "Last",
                Retry: [{ ...ALL, MaxAttempts: 3 }],
                Catch: [{ ...ALL, Next: "Caught" }],
              }),
              Last: inline("three", {
                End: true,
                Retry: [{ ...ALL, MaxAttempts: 3 }],
                Catch: [{ ...ALL, Next: "Caught" }],
              }),
              Caught: inline("three", { End: true }),
            },
          },
        ],
        Retry: [{ ...ALL, MaxAttempts: 3 }],
        Catch: [{ ...ALL, Next: "After" }],
        Next: "After",
      },
      After: inline("three", { End: true }),
    },
  });
  stack.functions.block("two");
  const { runId } = await stack.admin.dispatch("cancel", { id: "cancel" });
  await begun("two", "cancel");
  await stack.admin.act(runId, "pause");
  await stack.admin.act(runId, "cancel");
  stack.functions.release("two");
  await stack.admin.advance("PT10M");
  expect((await stack.admin.run(runId)).status).toBe("cancelled");
  expect(called("three", "cancel")).toBe(0);
});

it.each(["JSONPath", "JSONata"])(
  "distinguishes an iteration from its siblings while the flow is held: %s",
  async (language) => {
    const flowId = `map-${language.toLowerCase()}`;
    const items = language === "JSONPath" ? { ItemsPath: "$.items" } : { Items: "{% $states.input.items %}" };
    await stack.admin.publish(flowId, {
      QueryLanguage: language,
      StartAt: "It's {each}",
      States: {
        "It's {each}": {
          Type: "Map",
          ...items,
          ItemProcessor: {
            StartAt: "Two",
            States: { Two: inline("two", { Next: "Three" }), Three: inline("three", { End: true }) },
          },
          End: true,
        },
      },
    });
    const items_ = Array.from({ length: 5 }, (_, i) => ({ id: `${flowId} ${i}` }));
    stack.functions.block("two");
    const { runId } = await stack.admin.dispatch(flowId, { items: items_ });
    for (const { id } of items_) await begun("two", id);
    await stack.admin.expect([200], "POST", `/flows/${flowId}/pause`, {});
    stack.functions.release("two");
    await stack.admin.advance("PT1S");
    await stack.admin.untilStatus(runId, "paused");
    await stack.admin.expect([200], "POST", `/flows/${flowId}/resume`, {});
    await stack.admin.advance("PT2M");
    const done = await stack.admin.untilStatus(runId, "completed");
    expect(done.output).toEqual(items_.map(({ id }) => ({ id, two: 1, three: 1 })));
    for (const { id } of items_) expect([called("two", id), called("three", id)]).toEqual([1, 1]);
    const steps = (await stack.admin.steps(runId)).filter(({ name }) => name === "Three");
    expect(steps.map(({ branch }) => branch).sort()).toEqual(items_.map((_, i) => `It's {each}[${i}]`));
    expect(await leftovers(stack.url)).toEqual([]);
  },
);

it("denies a step that the running user may not run, once, to the step's own Catch", async () => {
  const definition = {
    StartAt: "One",
    States: {
      One: inline("one", {
        Sluice: { Gate: "inline", Requires: ["charge"] },
        Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 3 }],
        Catch: [{ ErrorEquals: ["Sluice.AccessDenied"], ResultPath: "$.error", Next: "Two" }],
        End: true,
      }),
      Two: inline("two", { End: true }),
    },
  };
  await stack.admin.publish("denied", definition, { runAs: "user" });
  const { runId } = await stack.admin.dispatch("denied", { id: "denied" });
  const done = await stack.admin.untilStatus(runId, "completed");
  expect(done.output).toMatchObject({ id: "denied", two: 1, error: { Error: "Sluice.AccessDenied" } });
  expect(called("one", "denied")).toBe(0);
  await stack.admin.expect([200], "PUT", "/members/admin", { role: "admin", permissions: ["charge"] });
  const allowed = await stack.admin.dispatch("denied", { id: "allowed" });
  expect((await stack.admin.untilStatus(allowed.runId, "completed")).output).toEqual({
    id: "allowed",
    one: 1,
  });
});

it("retries when the table does not answer, before any of the flow's handlers sees it", async () => {
  const Catch = [{ ErrorEquals: ["States.ALL"], Next: "Two" }];
  await stack.admin.publish("flaky", {
    StartAt: "One",
    States: { One: inline("one", { Catch, End: true }), Two: inline("two", { End: true }) },
  });
  const fault = { service: "dynamodb", operation: "PutItem", when: "after", times: 1 };
  const { runId } = await stack.admin.dispatch("flaky", { id: "before the fault" });
  await stack.admin.untilStatus(runId, "completed");
  await stack.admin.expect([200], "POST", "/local/faults", fault);
  const { runId: hit } = await stack.admin.dispatch("flaky", { id: "flaky" });
  await stack.admin.advance("PT1M");
  expect((await stack.admin.untilStatus(hit, "completed")).output).toEqual({ id: "flaky", one: 1 });
  expect(called("two", "flaky")).toBe(0);
});

it("is refused for states without a function, and for costs that are metered before the step", async () => {
  const wait = inline("one", {
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Parameters: { FunctionName: "gated-one" },
    End: true,
  });
  const refused = await stack.admin.call("PUT", "/flows/refused", {
    definition: { StartAt: "A", States: { A: wait } },
  });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ path: "States.A.Sluice.Gate" }] } });
  const { warnings } = await stack.admin.publish("metered", {
    StartAt: "A",
    States: { A: inline("one", { Sluice: { Gate: "inline", Cost: 1 }, End: true }) },
  });
  expect(warnings).toEqual([expect.stringContaining("Cost is metered by a gate before the step")]);
});

it("allows a function to be called without a gate", async () => {
  await stack.admin.publish("plain", {
    StartAt: "One",
    States: { One: { Type: "Task", Resource: `${ARN}gated-one`, End: true } },
  });
  const { runId } = await stack.admin.dispatch("plain", { sluice: { op: "mine" }, event: 1 });
  expect((await stack.admin.untilStatus(runId, "completed")).output).toEqual({
    sluice: { op: "mine" },
    event: 1,
    one: 1,
  });
});

const called = (name: string, id: string): number =>
  stack.functions.calls(name).filter(({ at, event }) => at === "begin" && (event as JsonObject)["id"] === id)
    .length;
const begun = (name: string, id: string): Promise<true> =>
  eventually(() => called(name, id) > 0 || undefined);

it("stops at a breakpoint and after a number of steps, and a retry is no step of its own", async () => {
  const Retry = [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, MaxAttempts: 2, BackoffRate: 1 }];
  const flow = line();
  const { One = {}, Two = {}, Three = {} } = flow["States"] as Record<string, JsonObject>;
  await stack.admin.publish("stepped", { ...flow, States: { One, Two: { ...Two, Retry }, Three } });
  stack.functions.forget();
  stack.functions.block("one");
  const { runId } = await stack.admin.dispatch("stepped", { id: 9 });
  await eventually(() => stack.functions.count("one") > 0 || undefined);
  expect((await stack.admin.act(runId, "pause", { before: "Two" })).status).toBe(200);
  stack.functions.release("one");
  const stands = () => stack.admin.until(runId, ({ parkedAt }) => parkedAt !== undefined);
  expect((await stands()).pausedBy?.reason).toBe("Breakpoint at Two");
  expect(stack.functions.count("two")).toBe(0);
  stack.functions.fail("two", "Busy");
  expect((await stack.admin.act(runId, "resume", { steps: 1 })).status).toBe(200);
  await eventually(() => stack.functions.calls().some(({ at }) => at === "fail") || undefined);
  stack.functions.mend("two");
  await stack.admin.advance("PT5S");
  expect((await stands()).pausedBy).toMatchObject({ reason: "After 1 step", state: "Three" });
  expect([stack.functions.count("two"), stack.functions.count("three")]).toEqual([2, 0]);
  await stack.admin.act(runId, "resume");
  expect((await stack.admin.untilStatus(runId, "completed")).output).toEqual({
    id: 9,
    one: 1,
    two: 1,
    three: 1,
  });
});
