import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { Client, tokenFor } from "../../harness/clients/client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const SETTINGS = { ownersMayResume: false, resumeWithSameAccess: false, retentionDays: 90 };

const needs = (name: string, ...Requires: string[]): JsonObject => task(name, { Sluice: { Requires } });

/** `first` requires a permission too, for runs that are past it; `pay` and `send` are inside a Parallel and a Map. */
const ORDER = chain({
  first: needs("first", "order"),
  work: task("work"),
  Fan: {
    Type: "Parallel",
    ResultPath: null,
    Branches: [chain({ pay: needs("pay", "refund", "charge") }), chain({ plain: task("plain") })],
  },
  Each: {
    Type: "Map",
    ItemsPath: "$.items",
    ResultPath: null,
    ItemProcessor: chain({ send: needs("send", "mail") }),
  },
});
const ALL = ["order", "refund", "charge", "mail"];
const PAYLOAD = { items: [1, 2] };

/** A denial of `pay` leads to `denied`. */
const CAUGHT: JsonObject = {
  StartAt: "work",
  States: {
    work: task("work", { Next: "pay" }),
    pay: {
      ...needs("pay", "refund"),
      Catch: [{ ErrorEquals: ["Sluice.AccessDenied"], ResultPath: "$.why", Next: "denied" }],
      Next: "plain",
    },
    plain: task("plain", { End: true }),
    denied: task("denied", { End: true }),
  },
};

describe("the running user", () => {
  let stack: TestStack;
  let ada: Client;
  beforeAll(async () => {
    stack = await testStack("first", "work", "pay", "plain", "send", "denied");
    ada = await stack.as("ada");
    await may(...ALL);
    await stack.admin.publish("order", ORDER, { runAs: "user" });
    await stack.admin.publish("as-system", ORDER, { runAs: "system" });
    await stack.admin.publish("caught", CAUGHT);
    await stack.admin.publish("choice", {
      StartAt: "work",
      States: {
        work: task("work", { Next: "which" }),
        which: {
          Type: "Choice",
          Choices: [{ Variable: "$.refund", BooleanEquals: true, Next: "pay" }],
          Default: "plain",
        },
        pay: { ...needs("pay", "refund"), End: true },
        plain: task("plain", { End: true }),
      },
    });
    await stack.admin.publish("free", chain({ work: task("work"), plain: task("plain") }));
  });
  afterAll(() => stack.close());
  beforeEach(async () => {
    await may(...ALL);
    await set(SETTINGS);
    stack.functions.release("work");
  });

  const set = (settings: JsonObject) => stack.admin.expect([200], "PUT", "/settings", settings);
  const give = (user: string, role: string, permissions: readonly string[]) =>
    stack.admin.expect([200, 201], "PUT", `/members/${user}`, { role, permissions: [...permissions] });
  /** From now on, Ada has only these permissions. */
  const may = (...permissions: string[]) => give("ada", "operator", permissions);
  const until = (runId: string, wanted: (run: Run) => boolean) => stack.operator.until(runId, wanted);
  const seen = (runId: string, status: Run["status"]) => stack.operator.untilStatus(runId, status);

  /** A run that is in `work`. */
  const atWork = async (flowId: string, by: Client = ada, payload: Json = PAYLOAD): Promise<string> => {
    stack.functions.block("work");
    const { runId } = await by.dispatch(flowId, payload);
    await until(runId, ({ currentStep }) => currentStep === "work");
    return runId;
  };
  const pausedAtWork = async (flowId: string, by: Client = ada): Promise<string> => {
    const runId = await atWork(flowId, by);
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    return runId;
  };
  const parked = async (runId: string): Promise<void> => {
    stack.functions.release("work");
    await until(runId, ({ parkedAt }) => parkedAt !== undefined);
  };
  const completes = async (runId: string): Promise<void> => {
    stack.functions.release("work");
    await seen(runId, "completed");
  };
  const refusal = async (runId: string, by: Client = stack.operator, body: JsonObject = {}) => {
    const { status, body: problem } = await by.act(runId, "resume", body);
    return [status, problem["code"], problem["steps"]];
  };

  describe("a permission lost while the run is paused", () => {
    it("keeps it paused; the refusal names steps and permissions, and nothing is written", async () => {
      const runId = await pausedAtWork("order");
      const audit = await stack.operator.audit(runId);
      const before = await stack.operator.run(runId);
      await may("charge");
      // `first` is behind; what is inside the Parallel and the Map is ahead.
      const steps = [
        { state: "pay", missing: ["refund"] },
        { state: "send", missing: ["mail"] },
      ];
      expect(await refusal(runId)).toEqual([409, "running_user_lost_access", steps]);
      expect(await refusal(runId, stack.admin, { override: false })).toEqual([
        409,
        "running_user_lost_access",
        steps,
      ]);
      const { body } = await ada.act(runId, "resume");
      expect(body["detail"]).toMatch(/ada.*"pay" needs refund; "send" needs mail.*override/);
      expect(await stack.operator.run(runId)).toEqual(before);
      expect(await stack.operator.audit(runId)).toEqual(audit);

      const stale = await stack.operator.call("POST", `/runs/${runId}/resume`, {}, { "if-match": '"1"' });
      expect([stale.status, stale.body["code"]]).toEqual([409, "state_changed"]);

      await parked(runId);
      expect(await refusal(runId)).toEqual([409, "running_user_lost_access", steps]);
      await may("charge", "refund", "mail");
      expect((await stack.operator.act(runId, "resume")).status).toBe(200);
      await completes(runId);
      expect(await refusal(runId)).toEqual([409, "run_already_terminal", undefined]);
    });

    it("counts from the start, or from the state of a replay, if the run never began", async () => {
      const done = await ada.dispatch("order", PAYLOAD);
      await seen(done.runId, "completed");
      await stack.admin.expect([200], "POST", "/flows/order/pause", {});
      const fresh = await ada.dispatch("order", PAYLOAD);
      const replay = await ada.expect<Run>([202], "POST", `/runs/${done.runId}/replay`, { from: "Each" });
      for (const { runId } of [fresh, replay]) await stack.operator.act(runId, "pause");
      await may();
      expect((await refusal(fresh.runId))[2]).toEqual([
        { state: "first", missing: ["order"] },
        { state: "pay", missing: ["refund", "charge"] },
        { state: "send", missing: ["mail"] },
      ]);
      expect((await refusal(replay.runId))[2]).toEqual([{ state: "send", missing: ["mail"] }]);
      await may("mail");
      expect((await stack.operator.act(replay.runId, "resume")).status).toBe(200);
      await stack.admin.expect([200], "POST", "/flows/order/resume", {});
      await seen(replay.runId, "completed");
      await stack.operator.act(fresh.runId, "cancel");
    });

    it("does not count for steps that have ended, or that never required it", async () => {
      const runId = await pausedAtWork("order");
      await may("refund", "charge", "mail");
      expect((await stack.operator.act(runId, "resume")).status).toBe(200);
      await completes(runId);
      const free = await pausedAtWork("free");
      await stack.admin.expect([204], "DELETE", "/members/ada");
      expect((await stack.operator.act(free, "resume")).status).toBe(200);
      await completes(free);
    });

    it("counts for a branch until it is certain not to be taken", async () => {
      const runId = await atWork("choice", ada, { refund: false });
      await stack.operator.act(runId, "pause");
      await may();
      expect((await refusal(runId))[2]).toEqual([{ state: "pay", missing: ["refund"] }]);
      await parked(runId);
      expect((await stack.operator.act(runId, "resume")).status).toBe(200);
      await completes(runId);
    });

    it("is refused for a run that a machine client started, which has no permissions", async () => {
      const token = await tokenFor(stack.url, { client: "importer", scopes: ["runs:dispatch"] });
      const runId = await pausedAtWork("caught", new Client(stack.url, token));
      const { body } = await stack.operator.act(runId, "resume");
      expect(body["steps"]).toEqual([{ state: "pay", missing: ["refund"] }]);
      expect(body["detail"]).toMatch(
        /^The machine client that started the run, importer, has no permissions/,
      );
    });
  });

  describe("with resumeWithSameAccess", () => {
    it("a resumed run continues with the permissions that its user had at its start", async () => {
      const runId = await pausedAtWork("order");
      await stack.admin.expect([204], "DELETE", "/members/ada");
      expect((await refusal(runId))[1]).toBe("running_user_lost_access");
      await set({ resumeWithSameAccess: true });
      expect((await stack.operator.act(runId, "resume")).status).toBe(200);
      await completes(runId);
    });

    it("a permission that the user never had is still refused", async () => {
      await may("order");
      const runId = await pausedAtWork("order");
      await set({ resumeWithSameAccess: true });
      await may("mail", "refund");
      expect((await refusal(runId))[2]).toEqual([{ state: "pay", missing: ["charge"] }]);
    });

    it.each([
      [true, "completed", "plain"],
      [false, "completed", "denied"],
    ])("(%s) applies to runs that the flow's resume releases", async (resumeWithSameAccess, status, last) => {
      const runId = await atWork("caught");
      await set({ resumeWithSameAccess });
      await stack.admin.expect([200], "POST", "/flows/caught/pause", {});
      await parked(runId);
      const queued = await ada.dispatch("caught", PAYLOAD);
      await may();
      await stack.admin.expect([200], "POST", "/flows/caught/resume", {});
      for (const id of [runId, queued.runId]) {
        const run = await seen(id, status as Run["status"]);
        expect((run.output as JsonObject)[last]).toBe(1);
      }
    });

    it("denies a step whose permission was lost during the run, and Catch handles the denial", async () => {
      await set({ resumeWithSameAccess: true });
      const runId = await atWork("caught");
      await may();
      stack.functions.release("work");
      const run = await seen(runId, "completed");
      expect(run.output).toMatchObject({ denied: 1, why: { Error: "Sluice.AccessDenied" } });
      const { Cause } = (run.output as { why: { Cause: string } }).why;
      expect(Cause).toContain("user ada may not run the step pay: missing refund");
      const steps = await stack.operator.steps(runId);
      expect(steps.map(({ name, status }) => [name, status])).toEqual([
        ["work", "completed"],
        ["pay", "failed"],
        ["denied", "completed"],
      ]);
    });
  });

  it("fails a run whose permission was lost during the run, without a Catch", async () => {
    const runId = await atWork("order");
    await may("mail");
    stack.functions.release("work");
    const { error } = await seen(runId, "failed");
    expect(error).toMatchObject({ error: "Sluice.AccessDenied" });
    expect(error?.cause).toContain("missing refund, charge");
    expect(error?.cause).not.toContain(".ts:"); // nothing of the inside
  });

  it("denies a permission at the gate that was lost after the check at the resume", async () => {
    const runId = await pausedAtWork("caught");
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    await may();
    await completes(runId);
    expect((await stack.operator.run(runId)).output).toMatchObject({ denied: 1 });
  });

  it("needs no permissions with runAs system", async () => {
    const runId = await pausedAtWork("as-system");
    await stack.admin.expect([204], "DELETE", "/members/ada");
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    await completes(runId);
  });

  describe("an administrator's override", () => {
    it("is possible only for administrators", async () => {
      const runId = await pausedAtWork("caught");
      await may();
      const scopes = ["runs:dispatch", "runs:read", "runs:control", "flows:read", "flows:control"];
      const machine = new Client(stack.url, await tokenFor(stack.url, { client: "m", scopes }));
      await set({ ownersMayResume: true });
      for (const caller of [
        stack.operator,
        ada,
        await stack.as("viewer"),
        await stack.as("member"),
        machine,
      ]) {
        const { status, body } = await caller.act(runId, "resume", { override: true });
        expect([status, body["code"]]).toEqual([403, "forbidden"]);
      }
      expect((await stack.admin.act(runId, "resume", { override: "yes" })).status).toBe(422);
      expect((await seen(runId, "paused")).rev).toBe((await stack.operator.run(runId)).rev);
    });

    it("is applied, is in the audit with its permissions, and covers no more than these", async () => {
      const runId = await pausedAtWork("order");
      await may("mail", "charge");
      const override = await stack.admin.act(runId, "resume", { override: true, reason: "ada has left" });
      expect(override.status).toBe(200);
      const [entry] = await stack.operator.audit(runId);
      expect(entry).toMatchObject({
        ...{ action: "resume", from: "paused", to: "running", reason: "ada has left" },
        ...{ actor: { kind: "user", id: "admin" }, override: true, vouched: ["refund"] },
      });
      await completes(runId);

      await may(...ALL);
      const second = await pausedAtWork("order");
      await may("mail");
      await stack.admin.act(second, "resume", { override: true });
      await may(); // `mail` was there at that moment: nobody vouched for it
      stack.functions.release("work");
      const { error } = await seen(second, "failed");
      expect(error).toMatchObject({ error: "Sluice.AccessDenied", state: "Each" });
      expect(error?.cause).toMatch(/step send: missing mail"/);
    });
  });

  describe("ownersMayResume", () => {
    it("lets members resume their own paused runs, and only those", async () => {
      const member = await stack.as("member");
      await give("member", "member", ["refund"]);
      const own = await pausedAtWork("caught", member);
      const others = await pausedAtWork("caught");
      const answers = async () => {
        const both = [await member.act(own, "resume"), await member.act(others, "resume")];
        return both.map(({ status, body }) => [status, body["code"]]);
      };
      expect(await answers()).toEqual([
        [403, "forbidden"],
        [403, "forbidden"],
      ]);
      await set({ ownersMayResume: true });
      await give("member", "member", []);
      expect(await answers()).toEqual([
        [409, "running_user_lost_access"],
        [404, "not_found"],
      ]);
      await give("member", "member", ["refund"]);
      expect(await answers()).toEqual([
        [200, undefined],
        [404, "not_found"],
      ]);
      await completes(own);
      expect((await member.act(own, "pause")).status).toBe(403);
      await stack.operator.act(others, "cancel");
    });
  });

  it("costs nothing for a flow without Requires, once its version is cached", async () => {
    const readUnits = async (flowId: string): Promise<number> => {
      const runId = await pausedAtWork(flowId);
      await parked(runId);
      await stack.admin.call("DELETE", "/local/usage");
      expect((await stack.admin.act(runId, "resume")).status).toBe(200);
      const { dynamodb } = (await stack.admin.call("GET", "/local/usage")).body as {
        dynamodb: { byFunction: Record<string, { readUnits: number }> };
      };
      await seen(runId, "completed");
      return dynamodb.byFunction["sluice-control"]?.readUnits ?? 0;
    };
    await readUnits("free");
    expect(await readUnits("free")).toBe(await readUnits("as-system"));
  });

  describe("a workspace's settings", () => {
    const put = (body: unknown) => stack.admin.call("PUT", "/settings", body);

    it("change key by key, and keep omitted keys", async () => {
      expect((await put({})).body).toEqual(SETTINGS);
      const changed = await put({ retentionDays: 1 });
      expect([changed.status, changed.body]).toEqual([200, { ...SETTINGS, retentionDays: 1 }]);
      expect((await put({ ownersMayResume: true, retentionDays: 3_650 })).status).toBe(200);
      const all = { ...SETTINGS, ownersMayResume: true, retentionDays: 3_650 };
      expect((await stack.operator.call("GET", "/settings")).body).toEqual(all);
    });

    it("have defaults", async () => {
      const platform = await stack.as("platform");
      await platform.expect([201], "PUT", "/v1/workspaces/fresh", { admins: ["admin"] });
      expect((await stack.admin.call("GET", "/v1/workspaces/fresh/settings")).body).toEqual(SETTINGS);
    });

    it.each([
      [{ retentionDays: 0 }, "retentionDays"],
      [{ retentionDays: 3_651 }, "retentionDays"],
      [{ retentionDays: 1.5 }, "retentionDays"],
      [{ retentionDays: "90" }, "retentionDays"],
      [{ retentionDays: null }, "retentionDays"],
      [{ ownersMayResume: "true" }, "ownersMayResume"],
      [{ resumeWithSameAccess: 1 }, "resumeWithSameAccess"],
      [{ retentiondays: 5, ownersMayResume: true }, "retentiondays"],
    ])("refuse %j, and nothing is written", async (body, path) => {
      const { status, body: problem } = await put(body);
      expect([status, problem["code"]]).toEqual([422, "invalid_request"]);
      expect((problem["errors"] as { path: string }[]).map((error) => error.path)).toEqual([path]);
      expect((await stack.operator.call("GET", "/settings")).body).toEqual(SETTINGS);
    });
  });
});
