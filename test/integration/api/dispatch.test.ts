import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { chain, tasks } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { FLOW_KINDS, publishAs } from "../../harness/stack/flow-kinds.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

interface BatchAnswer {
  readonly results: { status: number; run?: Run; error?: { code: string; detail: string } }[];
}

describe("dispatch over HTTP", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("work");
    await stack.admin.publish("flow", tasks("work"));
    await stack.admin.publish("other", tasks("work"));
    await stack.admin.publish("quick", chain({ Pass: { Type: "Pass" } }));
  });
  afterAll(() => stack.close());

  const dispatch = (payload: Json, key: string, flowId = "flow", client = stack.operator) =>
    client.call<Run>("POST", `/flows/${flowId}/runs`, { payload }, { "idempotency-key": key });

  it("answers with the run and its location", async () => {
    const answer = await stack.operator.call<Run>("POST", "/flows/flow/runs", {
      payload: { b: 1, a: [null, "ä"] },
    });
    expect(answer.status).toBe(202);
    const { runId } = answer.body;
    expect(answer.headers.get("location")).toBe(`/v1/workspaces/demo/runs/${runId}`);
    expect(answer.headers.get("etag")).toBe('"1"');
    expect(answer.body).toMatchObject({
      status: "pending",
      rev: 1,
      startedBy: "operator",
      payload: { b: 1 },
    });
    const run = await stack.operator.untilStatus(runId, "completed");
    expect(JSON.stringify(run.payload)).toBe('{"b":1,"a":[null,"ä"]}');
  });

  it.each(FLOW_KINDS)(
    "race 25: an idempotency key gives one run, however often and however concurrently it is sent (%s flow)",
    async (kind) => {
      const flowId = `once-${kind}`;
      await publishAs(kind, stack, flowId, tasks("work"));
      const answers = await Promise.all(
        Array.from({ length: 12 }, () => dispatch({ n: 1 }, "key-1", flowId)),
      );
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
      const [runId] = new Set(answers.map(({ body }) => body.runId));
      expect(new Set(answers.map(({ body }) => body.runId)).size).toBe(1);
      await stack.operator.untilStatus(runId ?? "", "completed");
      const late = await dispatch({ n: 1 }, "key-1", flowId);
      expect(late.status).toBe(202);
      expect(late.headers.get("etag")).toBe('"1"');
      for (const { body } of answers) expect(late.body).toEqual(body);
      expect(late.body).toMatchObject({ status: "pending", rev: 1, payload: { n: 1 } });
      const reused = await dispatch({ n: 2 }, "key-1", flowId);
      expect([reused.status, (reused.body as unknown as { code: string }).code]).toEqual([
        422,
        "idempotency_key_reused",
      ]);
    },
  );

  it("a repeated key writes nothing, with the same body or another, and does not count toward the cap", async () => {
    const { admin } = stack;
    await admin.publish("capped", chain({ Pass: { Type: "Pass" } }));
    await admin.expect([200], "PUT", "/flows/capped/caps", { throughput: { limit: 3, per: "day" } });
    const replay = (body: Json) =>
      admin.call<Run>("POST", `/runs/${first.body.runId}/replay`, body, { "idempotency-key": "again" });
    const first = await dispatch(1, "a", "capped");
    await dispatch(2, "b", "capped");
    await stack.operator.untilStatus(first.body.runId, "completed");
    expect((await replay({})).status).toBe(202);
    await admin.advance("PT1M");
    const before = await allItems(stack.url);
    const answers = [
      ...[await dispatch(1, "a", "capped"), await dispatch(2, "a", "capped")],
      ...[await replay({}), await replay({ from: "Pass" })],
    ];
    expect(answers.map(({ status }) => status)).toEqual([202, 422, 202, 422]);
    expect(await allItems(stack.url)).toEqual(before);
    expect(await admin.expect([200], "GET", "/flows/capped")).toMatchObject({ status: "active" });
  });

  it("the key belongs to its caller and flow", async () => {
    const mine = await dispatch(1, "key-2");
    const flow = await dispatch(1, "key-2", "other");
    const theirs = await dispatch(1, "key-2", "flow", stack.admin);
    expect(new Set([mine, flow, theirs].map(({ body }) => body.runId)).size).toBe(3);
    const long = await dispatch(1, "k".repeat(256));
    expect(long.status).toBe(422);
  });

  it("a key whose first answer was lost returns the run that it created", async () => {
    await stack.admin.expect([200], "POST", "/local/faults", {
      ...{ service: "dynamodb", operation: "TransactWriteItems", when: "after", times: 1 },
    });
    const first = await dispatch({ lost: true }, "key-3");
    await stack.admin.expect([200, 204], "DELETE", "/local/faults");
    const second = await dispatch({ lost: true }, "key-3");
    expect([202, 503]).toContain(first.status);
    expect(second.status).toBe(202);
    await stack.admin.advance("PT5M");
    await stack.operator.untilStatus(second.body.runId, "completed");
    const lost = stack.functions
      .calls("work")
      .filter((call) => JSON.stringify(call.event) === '{"lost":true}');
    expect(lost.filter((call) => call.at === "begin")).toHaveLength(1);
  });

  it("each record of a batch is treated as if sent alone, in order", async () => {
    const records: unknown[] = [
      { payload: 1 },
      { payload: 2, colour: "red" },
      {},
      { payload: "x".repeat(300 * 1024) },
      { payload: 5, idempotencyKey: "in-batch" },
      { payload: 5, idempotencyKey: "in-batch" },
      { payload: 6, idempotencyKey: "in-batch" },
      "no record",
      { payload: null },
    ];
    const { results } = await stack.operator.expect<BatchAnswer>([200], "POST", "/flows/flow/runs/batch", {
      records,
    });
    const statuses = results.map(({ status }) => status);
    expect(statuses).toEqual([202, 422, 422, 413, 202, 202, 422, 422, 202]);
    expect(results[1]?.error).toMatchObject({ code: "invalid_request", detail: "colour: Unknown field" });
    expect(results[3]?.error?.code).toBe("payload_too_large");
    const keyed = results.slice(4, 7);
    const made = new Set(keyed.map(({ run }) => run?.runId).filter((id) => id !== undefined));
    expect(made.size).toBe(1);
    expect(keyed[2]?.error?.code).toBe("idempotency_key_reused");
    for (const { run } of results) {
      if (run !== undefined) await stack.operator.untilStatus(run.runId, "completed");
    }
  });

  it("a batch keeps the order of a hundred records, and its own key", { timeout: 120_000 }, async () => {
    const records = Array.from({ length: 100 }, (_, n) => ({ payload: { n } }));
    const send = (body: unknown) =>
      stack.operator.call<BatchAnswer>("POST", "/flows/quick/runs/batch", body, {
        "idempotency-key": "batch-1",
      });
    const first = await send({ records });
    const second = await send({ records });
    const ids = first.body.results.map(({ run }) => run?.runId);
    expect(new Set(ids).size).toBe(100);
    expect(second.body.results.map(({ run }) => run?.runId)).toEqual(ids);
    const last = await stack.operator.run(ids[99] ?? "");
    expect(last.payload).toEqual({ n: 99 });
    const other = await send({ records: records.slice(1) });
    expect(other.status).toBe(422);
  });

  it.each([
    ['{"payload":{"__proto__":{"polluted":true},"constructor":1,"toString":null}}', 202],
    ['{"payload":"\\u0000"}', 202],
    ['{"payload":9007199254740991}', 202],
    ['{"payload":12345678901234567890}', 422],
    ['{"payload":1e400}', 422],
    ['{"payload":"\\ud800"}', 422],
    [`{"payload":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, 422],
    ['{"payload":1,"__proto__":2}', 422],
    ["null", 422],
    ["", 422],
  ])("an unusual body does no harm: %s", async (body, status) => {
    const answer = await stack.operator.call<Run>("POST", "/flows/flow/runs", body);
    expect(answer.status).toBe(status);
    if (status !== 202) return;
    const sent = JSON.stringify((JSON.parse(body) as { payload: Json }).payload);
    const run = await stack.operator.untilStatus(answer.body.runId, "completed");
    expect(JSON.stringify(run.payload)).toBe(sent);
  });
});
