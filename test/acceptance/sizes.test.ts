import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chain } from "../support/definitions.ts";
import { allItems } from "../support/leftovers.ts";
import { type TestStack, testStack } from "../support/stack.ts";

const LIMIT = 262_144;
/** Takes the whole payload, and gives little back. */
const small = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName: "work", Payload: { "size.$": "States.ArrayLength(States.Array($))" } },
  ResultPath: null,
};
/** A JSON text of exactly `bytes` bytes: a string of two-byte characters, an ASCII one to make the number even. */
const payloadOf = (bytes: number): string => {
  const room = bytes - 2;
  return "ä".repeat(Math.floor(room / 2)) + "x".repeat(room % 2);
};

describe("a payload at the limit", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("work");
    await stack.admin.publish(
      "big",
      chain({
        work: small,
        Fan: {
          Type: "Parallel",
          Branches: [chain({ inner: small })],
          ResultPath: null,
        },
        Wait: { Type: "Wait", Seconds: 1 },
        again: small,
      }),
    );
  });
  afterAll(() => stack.close());

  it("race 23: 256 KiB less one byte, multibyte, passes every gate and comes back whole", async () => {
    const payload = payloadOf(LIMIT - 1);
    expect(Buffer.byteLength(JSON.stringify(payload))).toBe(LIMIT - 1);
    const run = await stack.operator.dispatch("big", payload);
    await stack.operator.untilStatus(run.runId, "waiting");
    await stack.admin.advance("PT2S");
    const done = await stack.operator.untilStatus(run.runId, "completed");
    expect(done.payload === payload).toBe(true);
    expect(done.output === payload).toBe(true);
    const steps = await stack.operator.steps(run.runId);
    expect(steps.map((step) => [step.name, step.status])).toEqual([
      ["work", "completed"],
      ["Fan", "completed"],
      ["inner", "completed"],
      ["Wait", "completed"],
      ["again", "completed"],
    ]);
    expect(steps[0]?.input).toEqual({ truncated: true, size: LIMIT - 1 });
    const single = await stack.operator.call("GET", `/runs/${run.runId}/steps/${steps[4]?.stepId}`);
    expect(single.body["input"] === payload).toBe(true);
    expect(single.body["output"] === payload).toBe(true);
  });

  it("exactly 256 KiB is legal too", async () => {
    const run = await stack.operator.dispatch("big", payloadOf(LIMIT));
    await stack.operator.untilStatus(run.runId, "waiting");
    await stack.admin.advance("PT2S");
    expect((await stack.operator.untilStatus(run.runId, "completed")).output === payloadOf(LIMIT)).toBe(true);
  });

  it("one byte over is refused before anything is written", async () => {
    const before = (await allItems(stack.url)).length;
    const answer = await stack.operator.call("POST", "/flows/big/runs", { payload: payloadOf(LIMIT + 1) });
    expect([answer.status, answer.body["code"]]).toEqual([413, "payload_too_large"]);
    expect((await allItems(stack.url)).length).toBe(before);
  });
});
