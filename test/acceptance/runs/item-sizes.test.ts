import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations } from "../../../shared/model/api/openapi.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import {
  MAX_HELD_STEPS,
  MAX_PERMISSION_LENGTH,
  MAX_PERMISSIONS,
  MAX_STATE_NAME,
} from "../../../shared/model/limits.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import { Client, eventually, tokenFor } from "../../harness/clients/client.ts";
import { stackTime } from "../../harness/clients/flow-client.ts";
import { chain, task } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { largest } from "../../harness/requests/largest-request.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";
import { itemKind, itemSize, MAX_ITEM_BYTES } from "../../harness/table/item-size.ts";

const LIMIT = 262_144;
/** The maximum length of a local token's user, in characters of three bytes. */
const USER = "語".repeat(128);
const REASON = "語".repeat(1_000);
const names = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${i}`.padStart(MAX_PERMISSION_LENGTH, "語"));
const APPROVAL = { Type: "Task", Resource: "arn:sluice:::approval" };
const bodyOf = (id: string, given: JsonObject = {}): JsonObject => {
  const body = operations.find((operation) => operation.id === id)?.body;
  if (body === undefined) throw new Error(`${id} takes no body`);
  return largest(body, given);
};

describe("the largest items", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let user: Client;
  beforeAll(async () => {
    stack = await testStack("work", "first");
    user = new Client(stack.url, await tokenFor(stack.url, { user: USER }));
    const member = bodyOf("putMember", { role: "admin" });
    expect((await stack.admin.call("PUT", `/members/${encodeURIComponent(USER)}`, member)).status).toBe(201);
  });
  afterAll(() => stack.close());

  const expectAll = async (kinds: readonly string[]): Promise<void> => {
    const items = await allItems(stack.url);
    const sizes = new Map<string, number>();
    for (const item of items) {
      const kind = itemKind(item);
      sizes.set(kind, Math.max(sizes.get(kind) ?? 0, itemSize(item)));
    }
    for (const [kind, size] of sizes) expect([kind, size < MAX_ITEM_BYTES]).toEqual([kind, true]);
    for (const kind of kinds) expect([kind, sizes.has(kind)]).toEqual([kind, true]);
  };

  it("of workspaces, members, views, settings, flows, caps and holds fit, at the limits of their schemas", async () => {
    const platform = new Client(stack.url, await tokenFor(stack.url, { user: "platform" }));
    await platform.expect([201], "PUT", "/v1/workspaces/largest", bodyOf("putWorkspace"));
    const member = bodyOf("putMember");
    await user.expect([201], "PUT", `/members/${encodeURIComponent("語".repeat(255))}`, member);
    for (const shared of [true, false]) {
      const body = bodyOf("putView", { shared });
      for (let view = 0; view < 3; view += 1)
        await user.expect([200, 201], "PUT", `/views/${`v${view}${shared}`.padEnd(40, "x")}`, body);
    }
    await user.expect([200], "PUT", "/settings", bodyOf("putSettings"));
    await user.publish(
      "plain",
      chain({ work: task("work") }),
      bodyOf("publishFlow", { definition: null, substitutions: null }),
    );
    const steps = Array.from({ length: MAX_HELD_STEPS }, (_, i) => `${i}`.padStart(MAX_STATE_NAME, "語"));
    await user.publish("plain", chain(Object.fromEntries(steps.map((step) => [step, task("work")]))), {
      description: "語".repeat(10_000),
    });
    const caps = {
      throughput: { limit: 2 ** 50, per: "minute" },
      spend: { limit: 1e12, period: "month" },
      errors: { count: 2 ** 50, percent: 33.333333, per: "minute" },
    };
    await user.expect([200], "PUT", "/flows/plain/caps", caps);
    const inDays = async (days: number) =>
      new Date((await stackTime(user)) + days * 86_400_000).toISOString();
    const resumeAt = await inDays(3);
    const pausing = (body: JsonObject) =>
      user.expect([200], "POST", "/flows/plain/pause", bodyOf("pauseFlow", { ...body, dryRun: null }));
    const finish = { mode: "finish", finishWithin: `P${"13DT23H59M59.999S".padStart(39, "0")}`, steps: null };
    await pausing({ ...finish, startAt: await inDays(2), resumeAt });
    // As many as the gates' copy of the holds has room for.
    const fitting = steps.slice(0, 14);
    await pausing({ mode: null, finishWithin: null, startAt: null, steps: fitting, resumeAt });
    await pausing({ ...finish, startAt: null, resumeAt });
    const payload = "語".repeat(87_380);
    await user.call("POST", "/flows/plain/runs", { payload }, { "idempotency-key": "x".repeat(255) });
    const trigger = { schedule: `cron(0 9 * * ? *)`, timezone: "America/Argentina/ComodRivadavia", payload };
    const triggerPath = `/flows/plain/triggers/${"t".repeat(40)}`;
    await user.expect([201], "PUT", triggerPath, bodyOf("putTrigger", { ...trigger, enabled: null }));
    await user.expect([200], "PUT", triggerPath, bodyOf("putTrigger", { ...trigger, enabled: null }));
    const ramp = { from: 1, factor: 33.333333, every: "PT0023H0059M0059.999S" };
    const canaryWithin = "P013DT0023H0059M0059.999S";
    await user.expect(
      [200],
      "POST",
      "/flows/plain/resume",
      bodyOf("resumeFlow", { holds: null, ramp, canaryWithin }),
    );
    await user.expect(
      [200, 202],
      "POST",
      "/bulk-operations",
      bodyOf("startBulkOperation", {
        ...{ dryRun: null, runIds: null, revs: null, action: "cancel" },
        ...{ at: null, version: null, giveUp: null, from: null }, // of other actions
      }),
    );
    await expectAll([
      "W MEMBER",
      "W VIEW",
      "W VIEWS",
      "W SETTINGS",
      "F FLOW",
      "F H HOLD",
      "F A",
      "F V",
      "F T",
      "F TRIGGER",
      "W SCHEDULES",
      "R RUN",
      "R IN",
      "B BULK",
    ]);
  });

  it("of a human step fit, with a large question, a large input and an answer of 256 KiB", async () => {
    const Form = { type: "object", description: "語".repeat(9_000) };
    const Parameters = { Title: "語".repeat(500), Assignees: [USER, "operator"], Form };
    await user.publish(
      "ask",
      chain({ Ask: { ...APPROVAL, Parameters, ResultPath: null }, work: task("work", { ResultPath: null }) }),
    );
    // Just short enough for the gate, in characters of four bytes.
    const run = await user.dispatch("ask", "😀".repeat(49_990));
    const { waitingOn } = await stack.operator.untilStatus(run.runId, "waiting");
    const asked = () => stack.operator.call("GET", `/runs/${run.runId}/steps/${waitingOn?.stepId}`);
    const path = `/runs/${run.runId}/steps/${waitingOn?.stepId}/complete`;
    const withData = (length: number) => ({ decision: "approved", data: { text: "x".repeat(length) } });
    expect((await stack.operator.call("POST", path, withData(LIMIT))).status).toBe(413);
    await eventually(async () => (await asked()).status === 200 || undefined);
    await stack.operator.expect([200], "POST", path, withData(LIMIT - 200));
    const done = await stack.operator.untilStatus(run.runId, "completed", 30);
    expect(done.output === "😀".repeat(49_990)).toBe(true);
    const step = await eventually(async () => {
      const { body } = await asked();
      return body["status"] === "completed" ? body : undefined;
    });
    expect(step["input"] === "😀".repeat(49_990)).toBe(true);
    await expectAll(["R S", "R OUT"]);

    await user.publish(
      "ask-too-much",
      chain({
        Ask: {
          ...APPROVAL,
          Parameters: { ...Parameters, Form: { type: "object", description: "語".repeat(12_000) } },
        },
      }),
    );
    const refused = await user.dispatch("ask-too-much", {});
    const failed = await stack.operator.untilStatus(refused.runId, "failed");
    expect(failed.error).toMatchObject({ error: "States.ParameterPathFailure", state: "Ask" });
  });

  it("of an error with an endless name and cause fit", async () => {
    const States = { No: { Type: "Fail", ErrorPath: "$.error", CausePath: "$.cause" } };
    await user.publish("fails", { StartAt: "No", States });
    const payload = { error: "語".repeat(20_000), cause: "語".repeat(60_000) };
    const failed = await user.untilStatus((await user.dispatch("fails", payload)).runId, "failed");
    expect(failed.error?.error).toBe("語".repeat(256));
    expect(failed.error?.cause).toBe("語".repeat(32_768));
    await expectAll(["R OUT"]);
  });

  it("of a run that is resumed without a hundred permissions, repeatedly, with a long reason fit", async () => {
    const Requires = names(MAX_PERMISSIONS);
    await user.publish(
      "guarded",
      chain({ first: task("first"), work: task("work", { Sluice: { Requires } }) }),
      { runAs: "user" },
    );
    stack.functions.block("first");
    const bare = await stack.as("bob");
    await stack.admin.expect([201], "PUT", "/members/bob", { role: "operator" });
    const { runId } = await bare.dispatch("guarded", {});
    await eventually(() => stack.functions.count("first") === 1 || undefined);
    for (let times = 0; times < 12; times += 1) {
      expect((await user.act(runId, "pause", { reason: REASON })).status).toBe(200);
      if (times === 0) {
        const bulk = await new BulkClient(user).run({ action: "resume", runIds: [runId] });
        expect(bulk.results).toMatchObject([{ outcome: "skipped", code: "running_user_lost_access" }]);
        expect(bulk.results[0]?.detail?.length).toBeLessThanOrEqual(1_000);
      }
      expect((await user.act(runId, "resume", { reason: REASON, override: true })).status).toBe(200);
    }
    stack.functions.release("first");
    const { rev } = await user.untilStatus(runId, "completed");
    expect(await user.audit(runId)).toHaveLength(rev);
    const many = chain({ work: task("work", { Sluice: { Requires: names(MAX_PERMISSIONS + 1) } }) });
    const refused = await user.call("PUT", "/flows/many", { definition: many });
    expect([refused.status, refused.body["code"]]).toEqual([422, "invalid_definition"]);
    await expectAll(["R A", "B R"]);
  });

  it("of an incompressible definition near 1 MiB fit, with a warning for each state", async () => {
    const Result = randomBytes(740_000).toString("base64");
    const definition = {
      StartAt: "Big",
      States: { Big: { Type: "Pass", Result, ResultPath: null, End: true } },
    };
    expect(JSON.stringify(definition).length).toBeGreaterThan(980_000);
    await user.publish("incompressible", definition);
    const version = await user.expect([200], "GET", "/flows/incompressible/versions/1");
    expect(version["definition"]).toEqual(definition);
    const run: Run = await user.dispatch("incompressible", {});
    await user.untilStatus(run.runId, "completed");
    const inline = task("work", { Sluice: { Gate: "inline", Cost: 1 } });
    const warned = await user.publish(
      "warned",
      chain(Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`s${i}`, inline]))),
    );
    expect(warned["warnings"]).toHaveLength(101);
    await expectAll(["F T", "F V"]);
    await user.expect([204], "DELETE", `/runs/${run.runId}`);
    await stack.admin.expect([204], "DELETE", "/flows/incompressible");
    await stack.admin.advance("PT5M");
    expect((await allItems(stack.url)).filter(({ PK }) => String(PK).includes("#incompressible"))).toEqual(
      [],
    );
  });

  it("of a step that many others lead to fit: with a large input, the others' names are omitted", async () => {
    const free = task("first", { Sluice: { Gate: "none" }, ResultPath: null, Next: "work" });
    const rare = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${"步".repeat(60)}${i}`, free]));
    const Choices = Object.keys(rare).map((Next, i) => ({ Variable: "$.i", NumericEquals: i, Next }));
    await user.publish("fan-in", {
      StartAt: "Which",
      States: {
        Which: { Type: "Choice", Choices },
        ...rare,
        work: task("work", { ResultPath: null, End: true }),
      },
    });
    const run = await user.dispatch("fan-in", { i: 7, text: "😀".repeat(49_900) });
    await user.untilStatus(run.runId, "completed", 5);
    await expectAll(["R S"]);
  });
});
