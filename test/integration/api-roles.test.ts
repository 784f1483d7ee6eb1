import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client, tokenFor } from "../support/client.ts";
import { chain, task, tasks } from "../support/definitions.ts";
import { type TestStack, testStack } from "../support/stack.ts";

const SCOPES = ["runs:dispatch", "runs:read", "runs:control", "flows:read", "flows:control"] as const;
const CALLERS = ["viewer", "operator", "admin", "member", "platform", "outsider", ...SCOPES] as const;
type Caller = (typeof CALLERS)[number];

const FLOW_READERS: readonly Caller[] = ["viewer", "operator", "admin", "flows:read"];
const RUN_READERS: readonly Caller[] = ["viewer", "operator", "admin", "runs:read"];
const DISPATCHERS: readonly Caller[] = ["operator", "admin", "member", "runs:dispatch"];
const CONTROLLERS: readonly Caller[] = ["operator", "admin", "runs:control"];
const HOLDERS: readonly Caller[] = ["operator", "admin", "flows:control"];
const ADMINS: readonly Caller[] = ["admin"];

/** Method, path, body, who is let in. `RUN` is a completed run of the operator's. */
const CALLS: readonly (readonly [string, string, unknown, readonly Caller[]])[] = [
  ["PUT", "/flows/flow", { definition: {} }, ADMINS],
  ["GET", "/flows", undefined, FLOW_READERS],
  ["GET", "/flows/flow", undefined, FLOW_READERS],
  ["GET", "/flows/flow/versions", undefined, FLOW_READERS],
  ["GET", "/flows/flow/versions/1", undefined, FLOW_READERS],
  ["GET", "/flows/flow/audit", undefined, FLOW_READERS],
  ["POST", "/flows/flow/versions/1/activate", undefined, ADMINS],
  ["DELETE", "/flows/none", undefined, ADMINS],
  ["POST", "/flows/flow/resume", {}, HOLDERS],
  ["POST", "/flows/flow/pause", { resumeAt: "2020-01-01T00:00:00.000Z" }, HOLDERS],
  ["PUT", "/flows/flow/caps", {}, ADMINS],
  ["POST", "/flows/flow/runs", { payload: 1 }, DISPATCHERS],
  ["POST", "/flows/flow/runs/batch", { records: [{ payload: 1 }] }, DISPATCHERS],
  ["GET", "/runs", undefined, [...RUN_READERS, "member"]],
  ["GET", "/runs/RUN", undefined, RUN_READERS],
  ["GET", "/runs/RUN/steps", undefined, RUN_READERS],
  ["GET", "/runs/RUN/audit", undefined, RUN_READERS],
  ["POST", "/runs/RUN/pause", {}, CONTROLLERS],
  ["POST", "/runs/RUN/resume", {}, CONTROLLERS],
  ["POST", "/runs/RUN/cancel", {}, CONTROLLERS],
  ["POST", "/runs/RUN/replay", { from: "nowhere" }, CONTROLLERS],
  ["GET", "/settings", undefined, ["viewer", "operator", "admin"]],
  ["PUT", "/settings", {}, ADMINS],
  ["DELETE", "/runs/00000000-0000-7000-8000-000000000000", undefined, ADMINS],
];
/** A member is told of others' runs as if they did not exist. */
const OTHERS_RUN = /^\/runs\/RUN(\/steps|\/audit)?$/;

describe("who may call what", () => {
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

  it.each(CALLS)("%s %s", async (method, path, body, allowed) => {
    const turnedAway: Record<string, number> = {};
    for (const caller of CALLERS) {
      const { status, body: answer } = await call(caller, method, path, body);
      expect(status).toBeLessThan(500);
      const refused = status === 403 || (status === 404 && String(answer["detail"]).includes("belong to"));
      if (refused || (caller === "member" && status === 404)) turnedAway[caller] = status;
    }
    const expected: Record<string, number> = {};
    for (const caller of CALLERS) {
      if (allowed.includes(caller)) continue;
      const unseen = caller === "platform" || caller === "outsider";
      expected[caller] = unseen || (caller === "member" && OTHERS_RUN.test(path)) ? 404 : 403;
    }
    expect(turnedAway).toEqual(expected);
  });

  it("only a platform administrator makes workspaces, and only its administrators get in", async () => {
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
    // Another workspace's run is as unknown as one that never was.
    const there = await call("outsider", "GET", `/v1/workspaces/second/runs/${runId}`);
    const never = await call("outsider", "GET", "/v1/workspaces/second/runs/none");
    expect([there.status, there.body["code"]]).toEqual([never.status, never.body["code"]]);
  });

  it("a member sees and lists their own runs only", async () => {
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
