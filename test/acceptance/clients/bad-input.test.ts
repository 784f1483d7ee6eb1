import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { Client } from "../../harness/clients/client.ts";
import { lambdaArn, tasks } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { stranger, type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("bad input", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("work");
    await stack.admin.publish("flow", tasks("work"));
  });
  afterAll(() => stack.close());

  interface Case {
    readonly method: string;
    readonly path: string;
    readonly body?: unknown;
    readonly status: number;
    readonly code: string;
    /** Text that the answer must contain. */
    readonly names?: string;
  }
  const publish = (definition: JsonObject) => ({ method: "PUT", path: "/flows/bad", body: { definition } });
  const cases: Record<string, Case> = {
    "invalid JSON": {
      method: "POST",
      path: "/flows/flow/runs",
      body: '{"payload": ',
      status: 422,
      code: "invalid_request",
    },
    "a body that is not an object": {
      method: "POST",
      path: "/flows/flow/runs",
      body: "[]",
      status: 422,
      code: "invalid_request",
    },
    "an unknown field": {
      method: "POST",
      path: "/flows/flow/runs",
      body: { payload: {}, prio: 1 },
      status: 422,
      code: "invalid_request",
      names: "prio",
    },
    "no payload": {
      method: "POST",
      path: "/flows/flow/runs",
      body: {},
      status: 422,
      code: "invalid_request",
      names: "payload",
    },
    "a payload of 300 KiB": {
      method: "POST",
      path: "/flows/flow/runs",
      body: { payload: "x".repeat(300 * 1024) },
      status: 413,
      code: "payload_too_large",
    },
    "a body over 5 MiB": {
      method: "POST",
      path: "/flows/flow/runs/batch",
      body: { records: [{ payload: "x".repeat(5 * 1024 * 1024) }] },
      status: 413,
      code: "payload_too_large",
    },
    "too many records": {
      method: "POST",
      path: "/flows/flow/runs/batch",
      body: { records: Array.from({ length: 101 }, () => ({ payload: 1 })) },
      status: 422,
      code: "invalid_request",
      names: "records",
    },
    "a definition with a missing Next": {
      ...publish({
        StartAt: "a",
        States: { a: { Type: "Task", Resource: lambdaArn("work"), Next: "nowhere" } },
      }),
      status: 422,
      code: "invalid_definition",
      names: "States.a.Next",
    },
    "a definition that calls what it may not": {
      ...publish({
        StartAt: "a",
        States: { a: { Type: "Task", Resource: "arn:aws:states:::aws-sdk:dynamodb:deleteTable", End: true } },
      }),
      status: 422,
      code: "invalid_definition",
      names: "States.a.Resource",
    },
    "a definition that calls Sluice's own functions": {
      ...publish({
        StartAt: "a",
        States: { a: { Type: "Task", Resource: lambdaArn("sluice-gate"), End: true } },
      }),
      status: 422,
      code: "invalid_definition",
      names: "States.a.Resource",
    },
    "a bad flow id": {
      method: "PUT",
      path: "/flows/Bad_Id",
      body: { definition: tasks("work") },
      status: 422,
      code: "invalid_request",
    },
    "an unknown flow": {
      method: "POST",
      path: "/flows/none/runs",
      body: { payload: 1 },
      status: 404,
      code: "not_found",
    },
    "an unknown run": { method: "GET", path: "/runs/none", status: 404, code: "not_found" },
    "an unknown workspace": {
      method: "GET",
      path: "/v1/workspaces/nowhere/runs",
      status: 404,
      code: "not_found",
    },
    "an unknown path": { method: "GET", path: "/nothing/here", status: 404, code: "not_found" },
    "a cursor of garbage": {
      method: "GET",
      path: "/runs?cursor=%00garbage",
      status: 422,
      code: "invalid_request",
      names: "cursor",
    },
    "a limit of 0": {
      method: "GET",
      path: "/runs?limit=0",
      status: 422,
      code: "invalid_request",
      names: "limit",
    },
    "an unknown status": {
      method: "GET",
      path: "/runs?status=asleep",
      status: 422,
      code: "invalid_request",
      names: "status",
    },
    "an unknown query parameter": {
      method: "GET",
      path: "/runs?stat=failed",
      status: 422,
      code: "invalid_request",
      names: "stat",
    },
  };

  for (const [name, each] of Object.entries(cases)) {
    it(name, async () => {
      const before = await allItems(stack.url);
      const answer = await stack.admin.call(each.method, each.path, each.body);
      expect([answer.status, answer.body["code"]]).toEqual([each.status, each.code]);
      expect(answer.headers.get("content-type")).toContain("application/problem+json");
      expect(answer.body).toMatchObject({ status: each.status });
      for (const field of ["type", "title", "detail"]) expect(answer.body[field]).toEqual(expect.any(String));
      const text = JSON.stringify(answer.body);
      if (each.names !== undefined) expect(text).toContain(each.names);
      expect(text).not.toMatch(/\.ts:\d+|node_modules|at \w+ \(/);
      expect(await allItems(stack.url)).toEqual(before);
    });
  }

  it("in a batch for a missing flow does not use up the key", async () => {
    const before = await allItems(stack.url);
    const body = { records: [{ payload: 1 }] };
    const answer = await stack.operator.call("POST", "/flows/none/runs/batch", body, {
      "idempotency-key": "k",
    });
    expect(answer.status).toBe(404);
    expect(await allItems(stack.url)).toEqual(before);
  });

  it("with ten thousand unknown fields, or one of a megabyte, gets a short answer", async () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`field${index}`, 0]));
    for (const body of [many, { ["long".repeat(250_000)]: 0 }]) {
      const answer = await stack.admin.call("POST", "/flows/flow/pause", body);
      expect([answer.status, answer.body["code"]]).toEqual([422, "invalid_request"]);
      expect(JSON.stringify(answer.body).length).toBeLessThan(50_000);
    }
  });

  it("in a record of a batch gets the same answer as alone", async () => {
    const records = [{ payload: 1, idempotencyKey: "" }, { payload: 2 }, { payload: 3, prio: 1 }];
    const answer = await stack.operator.call("POST", "/flows/flow/runs/batch", { records });
    expect(answer.status).toBe(200);
    const results = answer.body["results"] as { status: number; error?: { code: string } }[];
    expect(results.map((result) => [result.status, result.error?.code])).toEqual([
      [422, "invalid_request"],
      [202, undefined],
      [422, "invalid_request"],
    ]);
  });

  it("in the token, or no token, gets API Gateway's own 401", async () => {
    for (const client of [stranger(stack), new Client(stack.url, "x.y.z")]) {
      const answer = await client.call("GET", "/runs");
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({ message: "Unauthorized" });
    }
  });
});
