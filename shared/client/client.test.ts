import { describe, expect, it } from "vitest";
import { WITH_IF_MATCH } from "../model/api/paths.ts";
import { ApiError } from "./api-error.ts";
import { type ClientOptions, createClient } from "./client.ts";
import { allItems } from "./pages.ts";

interface Sent {
  readonly url: string;
  readonly method: string | undefined;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

/** A client whose calls get these answers in turn, and a record of its requests. */
const answering = (answers: readonly Response[], options: Partial<ClientOptions> = {}) => {
  const sent: Sent[] = [];
  const left = [...answers];
  const api = createClient({
    url: "https://api.example.com",
    workspace: "sales",
    fetch: async (url, { method, headers, body }) => {
      sent.push({ url, method, headers: headers as Record<string, string>, body });
      return left.shift() ?? Response.json({});
    },
    ...options,
  });
  return { api, sent };
};
const problem = (status: number, code: string) => Response.json({ code, detail: "No", rev: 4 }, { status });

describe("a call", () => {
  it("puts parameters into the path and the query, and the rev into If-Match", async () => {
    const { api, sent } = answering([]);
    await api.pauseRun({ runId: "a/b", body: { reason: "r" }, ifMatch: 3 });
    await api.listRuns({ query: { status: "failed,paused", limit: 5, cursor: undefined }, workspace: "ops" });
    expect(sent).toMatchObject([
      {
        url: "https://api.example.com/v1/workspaces/sales/runs/a%2Fb/pause",
        method: "POST",
        headers: { "if-match": '"3"', "content-type": "application/json" },
        body: '{"reason":"r"}',
      },
      { url: "https://api.example.com/v1/workspaces/ops/runs?status=failed%2Cpaused&limit=5", method: "GET" },
    ]);
  });
  it("of a change says which revision it is for, or any", async () => {
    const { api, sent } = answering([]);
    const flow = { flowId: "f", ifMatch: "any" } as const;
    const run = { runId: "r", ifMatch: "any" } as const;
    await api.pauseFlow(flow);
    await api.cancelScheduledPause(flow);
    await api.resumeFlow(flow);
    await api.putCaps({ ...flow, body: {} });
    await api.deleteFlow(flow);
    await api.detachFlow(flow);
    await api.putFlowSettings({ ...flow, body: {} });
    await api.activateVersion({ ...flow, version: "1" });
    await api.pauseRun(run);
    await api.resumeRun(run);
    await api.cancelRun(run);
    await api.deleteRun(run);
    const trigger = { ...flow, triggerId: "t" };
    await api.putTrigger({ ...trigger, body: { schedule: "rate(1 day)", whileHeld: "queue" } });
    await api.deleteTrigger(trigger);
    expect(sent.map(({ headers }) => headers["if-match"])).toEqual(Array(14).fill("*"));
    expect(WITH_IF_MATCH).toHaveLength(14);
  });
  it("of a change without a revision is refused and not sent", async () => {
    const { api, sent } = answering([]);
    const forgetful = { flowId: "f" } as { flowId: string; ifMatch: number };
    await expect(api.pauseFlow(forgetful)).rejects.toMatchObject({ code: "invalid_request" });
    expect(sent).toEqual([]);
  });
  it("does not leave its path", async () => {
    const { api, sent } = answering([]);
    await expect(api.deleteRun({ runId: "..", ifMatch: "any" })).rejects.toMatchObject({
      code: "invalid_request",
    });
    expect(sent).toEqual([]);
  });
  it("returns undefined for 204", async () => {
    const { api } = answering([new Response(null, { status: 204 })]);
    expect(await api.deleteView({ viewId: "v" })).toBeUndefined();
  });
});

describe("an error", () => {
  it("carries the problem document", async () => {
    const { api } = answering([problem(409, "state_changed")]);
    const error = await api.getRun({ runId: "r" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: "state_changed", status: 409, message: "No", problem: { rev: 4 } });
  });
  it.each([
    [new Response("<html>", { status: 502 }), { code: "http_502", status: 502 }],
    [Response.json({ message: "Unauthorized" }, { status: 401 }), { code: "unauthorized", status: 401 }],
    [new Response("<html>"), { code: "unexpected_answer", status: 200 }],
  ])("has a code even without a problem document", async (response, expected) => {
    await expect(answering([response]).api.getRun({ runId: "r" })).rejects.toMatchObject(expected);
  });
});

describe("a token", () => {
  it("that the service rejects is renewed once", async () => {
    const token = async (rejected?: string) => (rejected === undefined ? "old" : "new");
    const { api, sent } = answering([problem(401, "unauthorized")], { token });
    await api.getSettings();
    expect(sent.map(({ headers }) => headers["authorization"])).toEqual(["Bearer old", "Bearer new"]);
  });
  it("that cannot be renewed fails the call", async () => {
    const { api, sent } = answering([problem(401, "unauthorized")], { token: async () => "old" });
    await expect(api.getSettings()).rejects.toMatchObject({ code: "unauthorized" });
    expect(sent).toHaveLength(1);
  });
});

it("a client that may retry repeats only a start with a key", async () => {
  const down = () => new Response(null, { status: 503, headers: { "retry-after": "0" } });
  const { api, sent } = answering([down(), Response.json({}), down()], { retry: true });
  await api.dispatchRun({ flowId: "f", body: { payload: 1 }, idempotencyKey: "k" });
  await expect(api.dispatchRun({ flowId: "f", body: { payload: 1 } })).rejects.toMatchObject({ status: 503 });
  expect(sent.map(({ headers }) => headers["idempotency-key"])).toEqual(["k", "k", undefined]);
});

it("a list is read page by page", async () => {
  const { api, sent } = answering([
    Response.json({ items: [1, 2], nextCursor: "c" }),
    Response.json({ items: [3] }),
  ]);
  expect(await allItems((cursor) => api.listFlows({ query: { cursor } }))).toEqual([1, 2, 3]);
  expect(sent.map(({ url }) => new URL(url).search)).toEqual(["", "?cursor=c"]);
});
