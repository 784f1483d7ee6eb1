import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { Client, tokenFor } from "../harness/clients/client.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";
import { CHECKS, verify } from "./verify.ts";

/** A request on its way to the API. */
interface Passing {
  readonly method: string;
  /** Inside the workspace. */
  readonly path: string;
  readonly headers: Record<string, string>;
  body: string;
}
type Answered = readonly [status: number, body: JsonObject];
/** Changes a request, or answers it in the API's place. */
type Fault = (request: Passing) => Answered | undefined;

let stack: TestStack;
let token: string;
let fault: Fault = () => undefined;
const proxy = createServer(async (request, response) => {
  const passing: Passing = {
    method: request.method ?? "GET",
    path: (request.url ?? "").replace("/v1/workspaces/demo", ""),
    headers: Object.fromEntries(
      Object.entries(request.headers).filter(
        (entry): entry is [string, string] =>
          typeof entry[1] === "string" && !["host", "connection", "content-length"].includes(entry[0]),
      ),
    ),
    body: await text(request),
  };
  const answered = fault(passing);
  if (answered !== undefined) {
    response.writeHead(answered[0], { "content-type": "application/json" }).end(JSON.stringify(answered[1]));
    return;
  }
  const { method, headers, body } = passing;
  const answer = await fetch(stack.url + request.url, { method, headers, ...(body === "" ? {} : { body }) });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
  response.end(await answer.text());
});
let url: string;
beforeAll(async () => {
  stack = await testStack();
  token = await tokenFor(stack.url, { user: "admin" });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  url = `http://localhost:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  proxy.close();
  await stack.close();
});

const complaint = async (check: string, planted: Fault): Promise<string> => {
  fault = planted;
  const found = await verify(new Client(url, token), {
    checks: [check],
    pace: { stepSeconds: 1, patience: 2 },
    concurrency: 1,
    report: () => {
      fault = () => undefined;
    },
  });
  return found.map(({ ok, detail = "" }) => `${ok ? "ok" : "failed"}: ${detail}`).join();
};
const leftFlows = async () => (await stack.admin.flows()).map(({ flowId }) => flowId);

it("verifies a second local stack as a program, and leaves nothing behind", {
  timeout: 120_000,
}, async () => {
  const child = spawn(process.execPath, ["test/verify/main.ts", "--url", stack.url, "--json"]);
  const ended = once(child, "close");
  const [said, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(complaints).toBe("");
  const { passed, failed, checks } = JSON.parse(said);
  expect({ passed, failed, complaints: checks.filter(({ ok }: { ok: boolean }) => !ok) }).toEqual({
    ...{ passed: Object.keys(CHECKS).length, failed: 0, complaints: [] },
  });
  expect(await ended).toEqual([0, null]);
  expect(await leftFlows()).toEqual([]);
});

describe("a planted fault fails its check:", { timeout: 60_000 }, () => {
  const posts = (pattern: RegExp) => (request: Passing) =>
    request.method === "POST" && pattern.test(request.path);
  const without =
    (header: string, pattern: RegExp): Fault =>
    (request) => {
      if (pattern.test(request.path)) delete request.headers[header];
      return undefined;
    };
  const runOf = (status: string, more: JsonObject = {}): JsonObject => ({ status, rev: 9, ...more });

  it.each<[string, string, RegExp, Fault]>([
    [
      "access",
      "an API without an authorizer",
      /A call with the token undefined is 200, not 401/,
      (request) => {
        request.headers["authorization"] ??= `Bearer ${token}`;
        return undefined;
      },
    ],
    [
      "run",
      "a payload that is rounded",
      /The payload is .*"pieces":4/,
      (request) => {
        request.body = request.body.replace('"pieces":3', '"pieces":4');
        return undefined;
      },
    ],
    [
      "idempotency",
      "keys that are ignored",
      /The run of the same key/,
      without("idempotency-key", /\/runs$/),
    ],
    [
      "pause",
      "a pause that is acknowledged and does nothing",
      /The run is not as expected: .*"status":"(completed|running|waiting)"/,
      (request) =>
        posts(/\/pause$/)(request)
          ? [200, runOf("paused", { pausedBy: { reason: "verify" }, allowedActions: ["resume", "cancel"] })]
          : undefined,
    ],
    [
      "pause",
      "an If-Match that is ignored",
      /a resume with an old revision was not refused/,
      without("if-match", /resume$/),
    ],
    [
      "cancel",
      "a reason that gets lost",
      /The reason is "Cancelled by user"/,
      (request) => {
        if (posts(/\/cancel$/)(request)) request.body = "{}";
        return undefined;
      },
    ],
    [
      "failure",
      "an attention list without the failed run",
      /The failed run on the attention list: not within 2 s/,
      ({ path }) => (path.startsWith("/attention") ? [200, { items: [] }] : undefined),
    ],
    [
      "people",
      "a step that accepts a second answer",
      /a second answer was not refused with step_already_completed/,
      (request) =>
        posts(/\/complete$/)(request) && request.body.includes('"rejected"') ? [200, {}] : undefined,
    ],
    [
      "hold",
      "a paused flow that takes records",
      /Whether the record waits in the queue is \["pending",false\]/,
      (request) =>
        posts(/\/runs$/)(request) && request.body.includes('"order":2')
          ? [202, { runId: "r", status: "pending", queued: false }]
          : undefined,
    ],
    [
      "caps",
      "a cap that is not stored",
      /Whether the record beyond the cap waits is \[false,false\]/,
      ({ path, method }) => (method === "PUT" && path.endsWith("/caps") ? [200, {}] : undefined),
    ],
    [
      "bulk",
      "a bulk operation that only claims to have worked",
      /What the operation did is \["completed",0,0\]/,
      ({ path, method }) =>
        method === "GET" && /\/bulk-operations\/[^/]+$/.test(path)
          ? [200, { status: "completed", succeeded: 0, failed: 0, endedAt: "2026-01-01T00:00:00.000Z" }]
          : undefined,
    ],
    [
      "deletion",
      "a deletion that is acknowledged and does nothing",
      /the deletion of a waiting run was not refused with action_not_allowed/,
      ({ path, method }) => (method === "DELETE" && path.includes("/runs/") ? [204, {}] : undefined),
    ],
    [
      "publish",
      "a definition that is not checked",
      /a broken definition was not refused/,
      (request) => (request.body.includes('"Nowhere"') ? [200, {}] : undefined),
    ],
  ])("%s: %s", async (check, _fault, what, planted) => {
    expect(await complaint(check, planted)).toMatch(what);
  });

  it("run: StartExecution fails on AWS's side", async () => {
    const broken = { service: "states", operation: "StartExecution", when: "before", probability: 1 };
    await stack.admin.expect([200, 201], "POST", "/local/faults", broken);
    const found = await complaint("run", () => undefined);
    await stack.admin.expect([200, 204], "DELETE", "/local/faults");
    expect(found).toMatch(/^failed: The run is not as expected: .*"status":"pending"/);
  });
});
