import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client, tokenFor } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const SCOPES = [
  "runs:dispatch",
  "runs:read",
  "runs:control",
  "flows:read",
  "flows:control",
  "flows:publish",
] as const;
const CALLERS = ["viewer", "operator", "admin", "member", "platform", "outsider", ...SCOPES] as const;
type Caller = (typeof CALLERS)[number];

describe("roles", () => {
  let stack: TestStack;
  let runId: string;
  const clients = new Map<Caller, Client>();
  beforeAll(async () => {
    stack = await testStack("work");
    await stack.admin.publish("flow", tasks("work"));
    ({ runId } = await stack.operator.dispatch("flow", {}));
    await stack.operator.untilStatus(runId, "completed");
    for (const caller of CALLERS) {
      const scopes = SCOPES.filter((scope) => scope === caller);
      const subject = scopes.length > 0 ? { client: "machine", scopes } : { user: caller };
      clients.set(caller, new Client(stack.url, await tokenFor(stack.url, subject)));
    }
  });
  afterAll(() => stack.close());

  const call = (caller: Caller, method: string, path: string, body?: unknown) => {
    const client = clients.get(caller);
    if (client === undefined) throw new Error(caller);
    return client.call(method, path.replace("RUN", runId), body);
  };

  it("only a platform administrator creates workspaces, and only a workspace's administrators have access", async () => {
    const put = (caller: Caller, workspace: string) =>
      call(caller, "PUT", `/v1/workspaces/${workspace}`, { name: "Second", admins: ["outsider"] });
    expect((await put("admin", "second")).status).toBe(403);
    expect((await put("runs:control", "second")).status).toBe(403);
    const made = await put("platform", "second");
    expect([made.status, made.body["workspace"], made.body["name"]]).toEqual([201, "second", "Second"]);
    expect((await put("platform", "second")).status).toBe(200);
    expect((await put("platform", "Bad Name")).status).toBe(422);
    expect((await call("outsider", "GET", "/v1/workspaces/second/flows")).status).toBe(200);
    for (const caller of ["admin", "platform", "flows:read"] as const) {
      expect((await call(caller, "GET", "/v1/workspaces/second/flows")).status).toBe(404);
    }
    // Another workspace's run looks like one that does not exist.
    const there = await call("outsider", "GET", `/v1/workspaces/second/runs/${runId}`);
    const never = await call("outsider", "GET", "/v1/workspaces/second/runs/none");
    expect([there.status, there.body["code"]]).toEqual([never.status, never.body["code"]]);
  });

  it("a pipeline's client with flows:publish publishes and activates, and does nothing else", async () => {
    const definition = { Comment: "by a pipeline", ...tasks("work") };
    const published = await call("flows:publish", "PUT", "/flows/delivered", { definition });
    expect([published.status, published.body["version"]]).toEqual([201, 1]);
    const second = { definition: { ...definition, Comment: "again" }, activate: false };
    expect((await call("flows:publish", "PUT", "/flows/delivered", second)).body["version"]).toBe(2);
    const path = "/flows/delivered/versions/2/activate";
    expect((await call("flows:publish", "POST", path)).body["version"]).toBe(2);
    const { items } = (await call("admin", "GET", "/flows/delivered/audit")).body as {
      items: { actor: object; action: string }[];
    };
    const machine = { kind: "client", id: "machine" };
    expect(items.map(({ actor, action }) => [action, actor])).toEqual([
      ["activate", machine],
      ["publish", machine],
    ]);
    for (const [method, other, body] of [
      ["GET", "/flows/delivered", undefined],
      ["DELETE", "/flows/delivered", undefined],
      ["POST", "/flows/delivered/pause", {}],
      ["PUT", "/flows/delivered/caps", {}],
      ["POST", "/flows/delivered/runs", { payload: {} }],
    ] as const)
      expect((await call("flows:publish", method, other, body)).status, `${method} ${other}`).toBe(403);
    // The other scopes do not publish.
    for (const scope of SCOPES.filter((one) => one !== "flows:publish"))
      expect((await call(scope, "PUT", "/flows/delivered", { definition })).status, scope).toBe(403);
  });

  it("a member sees and lists only their own runs", async () => {
    const own = await call("member", "POST", "/flows/flow/runs", { payload: { mine: 1 } });
    const ownId = String(own.body["runId"]);
    expect((await call("member", "GET", `/runs/${ownId}`)).status).toBe(200);
    expect((await call("member", "GET", `/runs/${ownId}/audit`)).status).toBe(200);
    const listed = (await call("member", "GET", "/runs?limit=200")).body["items"] as { startedBy: string }[];
    expect(listed.length).toBeGreaterThan(0);
    expect(new Set(listed.map(({ startedBy }) => startedBy))).toEqual(new Set(["member"]));
    expect((await call("member", "GET", "/runs?startedBy=operator")).body["items"]).toEqual([]);
  });

  it("a member completes a step assigned to them, and no other", async () => {
    const approval = (more: object) =>
      chain({
        Ask: { ...task("x"), Resource: "arn:sluice:::approval", Parameters: { Title: "?", ...more } },
      });
    await stack.admin.publish("assigned", approval({ Assignees: ["member"] }));
    await stack.admin.publish("open", approval({}));
    const ask = async (flowId: string) => {
      const run = await stack.operator.dispatch(flowId, {});
      await stack.operator.untilStatus(run.runId, "waiting");
      const [step] = await stack.operator.steps(run.runId);
      return { runId: run.runId, path: `/runs/${run.runId}/steps/${step?.stepId}/complete` };
    };
    const mine = await ask("assigned");
    expect((await call("viewer", "POST", mine.path, { decision: "approved" })).status).toBe(403);
    expect((await call("member", "POST", mine.path, { decision: "approved" })).status).toBe(200);
    const second = await call("member", "POST", mine.path, { decision: "approved" });
    expect([second.status, second.body["code"]]).toEqual([409, "step_already_completed"]);
    await stack.operator.untilStatus(mine.runId, "completed");
    const open = await ask("open");
    expect((await call("member", "POST", open.path, { decision: "approved" })).status).toBe(403);
    expect((await call("operator", "POST", open.path, { decision: "approved" })).status).toBe(200);
  });
});
