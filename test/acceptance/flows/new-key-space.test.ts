import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("an idempotency key that was sent to an earlier flow of the same id", { timeout: 60_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one");
  });
  afterAll(() => stack.close());

  const publish = () => stack.admin.publish("orders", tasks("one"));
  const dispatch = async (payload: unknown): Promise<Run> => {
    const headers = { "Idempotency-Key": "k-1" };
    const answer = await stack.operator.call<Run>("POST", "/flows/orders/runs", { payload }, headers);
    expect(answer.status).toBe(202);
    return answer.body;
  };
  const dispatchBatch = async (payload: unknown): Promise<Run[]> => {
    const headers = { "Idempotency-Key": "b-1" };
    const body = { records: [{ payload }, { payload, idempotencyKey: "k-2" }] };
    const answer = await stack.operator.call<{ results: { run: Run }[] }>(
      "POST",
      "/flows/orders/runs/batch",
      body,
      headers,
    );
    expect(answer.status).toBe(200);
    return answer.body.results.map(({ run }) => run);
  };

  it("starts new runs, and never answers with the earlier flow's", async () => {
    await publish();
    const old = [await dispatch({ n: 1 }), ...(await dispatchBatch({ n: 1 }))];
    expect((await dispatch({ n: 1 })).runId).toBe(old[0]?.runId);
    for (const { runId } of old) await stack.admin.untilStatus(runId, "completed");
    await stack.admin.expect([204], "DELETE", "/flows/orders");
    await publish();

    const fresh = [await dispatch({ n: 2 }), ...(await dispatchBatch({ n: 2 }))];
    expect(new Set([...old, ...fresh].map(({ runId }) => runId)).size).toBe(6);
    for (const { runId } of fresh) {
      const run = await stack.admin.untilStatus(runId, "completed");
      expect(run).toMatchObject({ payload: { n: 2 } });
    }
    // The same key in the same flow is still the same run.
    expect((await dispatch({ n: 2 })).runId).toBe(fresh[0]?.runId);
    expect((await dispatchBatch({ n: 2 })).map(({ runId }) => runId)).toEqual(
      fresh.slice(1).map(({ runId }) => runId),
    );
  });
});
