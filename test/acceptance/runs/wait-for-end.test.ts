import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const QUICK = { StartAt: "Sum", States: { Sum: { Type: "Pass", Result: { sum: 3 }, End: true } } };
const SLOW = { StartAt: "Rest", States: { Rest: { Type: "Wait", Seconds: 3600, End: true } } };
const BROKEN = { StartAt: "Oh", States: { Oh: { Type: "Fail", Error: "Oh", Cause: "no" } } };

describe("a dispatch that prefers to wait", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
    for (const [flowId, definition] of Object.entries({ quick: QUICK, slow: SLOW, broken: BROKEN }))
      await stack.admin.publish(flowId, definition);
  });
  afterAll(() => stack.close());

  const dispatch = (flowId: string, prefer: string, key = prefer + flowId) =>
    stack.operator.call<Run>(...(["POST", `/flows/${flowId}/runs`, { payload: { n: 1 } }] as const), {
      prefer,
      "idempotency-key": key,
    });

  it("gets the run with its output, or its error, when it has ended", async () => {
    const { status, body, headers } = await dispatch("quick", "wait=20");
    expect([status, body]).toMatchObject([
      200,
      { status: "completed", payload: { n: 1 }, output: { sum: 3 } },
    ]);
    expect(headers.get("location")).toBe(`/v1/workspaces/demo/runs/${body.runId}`);
    expect(headers.get("etag")).toBe(`"${body.rev}"`);
    expect(await dispatch("quick", "respond-async, WAIT=20; strict", "wait=20quick")).toMatchObject({
      status: 200,
      body,
    });
    expect(await dispatch("broken", 'wait="20"')).toMatchObject({
      status: 200,
      body: { status: "failed", error: { error: "Oh", cause: "no" } },
    });
  });

  it.each(["wait=1", "wait=0", "respond-async"])("%s: gets 202 for a run that goes on", async (prefer) => {
    const { status, body } = await dispatch("slow", prefer);
    expect(status).toBe(202);
    expect(body.output).toBeUndefined();
    expect((await stack.operator.run(body.runId)).endedAt).toBeUndefined();
  });

  it("gets 202 at once where no capacity to wait is left, and the record once", async () => {
    const fault = {
      service: "lambda",
      operation: "Invoke",
      when: "before",
      times: 1,
      error: "TooManyRequestsException",
    };
    await stack.operator.expect([200], "POST", "/local/faults", fault);
    const { status, body } = await dispatch("slow", "wait=25", "full");
    expect([status, body.status]).toEqual([202, "pending"]);
    await stack.operator.call("DELETE", "/local/faults");
    expect((await dispatch("slow", "wait=0", "full")).body.runId).toBe(body.runId);
  });

  it.each(["wait=26", "wait=soon", "wait=-1", "wait=1.5"])("%s: is refused", async (prefer) => {
    const { status, body } = await dispatch("quick", prefer);
    expect([status, body]).toMatchObject([422, { code: "invalid_request", errors: [{ path: "Prefer" }] }]);
  });
});
