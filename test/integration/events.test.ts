import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EVENTS, type EventType } from "../../shared/model/schemas/events.ts";
import { eventually } from "../harness/clients/client.ts";
import { FlowClient } from "../harness/clients/flow-client.ts";
import { chain, task, tasks } from "../harness/definitions.ts";
import { type PublishedEvent, publishedEvents } from "../harness/stack/published-events.ts";
import { type TestStack, testStack } from "../harness/stack/test-stack.ts";

/** A marker in payloads, outputs and causes that must not appear in any event. */
const SECRET = "s3cr3t-of-a-record";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack("one", "slow");
  await stack.admin.publish("straight", tasks("one"));
  await stack.admin.publish("slow", tasks("slow", "one"));
  await stack.admin.publish(
    "wait",
    chain({ first: task("one"), Wait: { Type: "Wait", Seconds: 3_600 }, one: task("one") }),
  );
  await stack.admin.publish(
    "permitted",
    chain({
      Wait: { Type: "Wait", Seconds: 3_600 },
      slow: task("slow"),
      one: task("one", { Sluice: { Requires: ["refund"] } }),
    }),
    { runAs: "user" },
  );
  await stack.admin.publish("broken", {
    StartAt: "one",
    States: {
      one: task("one", { Next: "Broken" }),
      Broken: { Type: "Fail", Error: "Broken", CausePath: "$.secret" },
    },
  });
});
afterAll(async () => {
  stack.functions.release("slow");
  await stack.close();
});
afterEach(async () => {
  await stack.admin.expect([200], "DELETE", "/local/faults");
});

const flow = (flowId: string) => new FlowClient(stack.admin, flowId);
const ofRun = async (runId: string): Promise<PublishedEvent[]> =>
  (await publishedEvents(stack.admin)).filter(({ detail }) => detail.runId === runId);
/** The parts of each change that both the events and the audit of a run contain. */
const shown = (detail: PublishedEvent["detail"]) => {
  const { rev, action, from, to, at, actor, reason } = detail;
  const { override, vouched } = detail as Readonly<Record<string, unknown>>;
  return { rev, action, from, to, at, actor, reason, override, vouched };
};

/** Brings runs through every transition of the table, and returns them with their last status. */
const journeys: Readonly<Record<string, () => Promise<string>>> = {
  straight: async () => {
    const { runId } = await stack.operator.dispatch("straight", { secret: SECRET });
    await stack.operator.untilStatus(runId, "completed");
    return runId;
  },
  fails: async () => {
    const { runId } = await stack.operator.dispatch("broken", { secret: SECRET });
    await stack.operator.untilStatus(runId, "failed");
    return runId;
  },
  "paused, resumed, cancelled": async () => {
    stack.functions.block("slow");
    const { runId } = await stack.operator.dispatch("slow", { secret: SECRET });
    await stack.operator.untilStatus(runId, "running");
    for (const action of ["pause", "resume", "cancel"] as const) {
      expect((await stack.operator.act(runId, action, { reason: `to ${action}` })).status).toBe(200);
    }
    stack.functions.release("slow");
    return runId;
  },
  "waits and continues": async () => {
    const { runId } = await stack.operator.dispatch("wait", { secret: SECRET });
    await stack.operator.untilStatus(runId, "waiting");
    await stack.admin.advance("PT1H1M");
    await stack.operator.untilStatus(runId, "completed");
    return runId;
  },
  "held by its flow at a gate": async () => {
    stack.functions.block("slow");
    const { runId } = await stack.operator.dispatch("slow", { secret: SECRET });
    await stack.operator.untilStatus(runId, "running");
    await flow("slow").pause();
    stack.functions.release("slow");
    await stack.operator.untilStatus(runId, "paused");
    await flow("slow").resume();
    await stack.operator.until(runId, ({ status }) => status === "completed");
    return runId;
  },
  "resumed by an administrator's override": async () => {
    const { runId } = await (await stack.as("member")).dispatch("permitted", { secret: SECRET });
    await stack.operator.untilStatus(runId, "waiting");
    await stack.admin.advance("PT1S");
    await stack.admin.expect([200], "PUT", "/members/member", { role: "member", permissions: ["refund"] });
    stack.functions.block("slow");
    await stack.admin.advance("PT1H");
    await stack.operator.untilStatus(runId, "running");
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    await stack.admin.expect([200], "PUT", "/members/member", { role: "member", permissions: [] });
    expect((await stack.admin.act(runId, "resume", { override: true })).status).toBe(200);
    stack.functions.release("slow");
    await stack.operator.untilStatus(runId, "completed");
    return runId;
  },
  "queued, paused and resumed before it begins": async () => {
    await flow("straight").pause();
    const { runId } = await stack.operator.dispatch("straight", { secret: SECRET });
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    expect((await stack.operator.run(runId)).status).toBe("pending");
    await flow("straight").resume();
    await stack.operator.untilStatus(runId, "completed");
    return runId;
  },
};

describe("status events", () => {
  it.each(Object.entries(journeys))("%s: the events match the audit", async (_name, journey) => {
    const runId = await journey();
    const told = await ofRun(runId);
    const audit = (await stack.admin.audit(runId)).toReversed();
    expect(told.map(({ detail }) => shown(detail))).toEqual(
      audit.map((entry) => shown(entry as unknown as PublishedEvent["detail"])),
    );
    expect(told.map(({ detail }) => detail.id)).toEqual(audit.map(({ rev }) => `demo/${runId}/${rev}`));
    for (const event of told) {
      expect(event).toMatchObject({
        "detail-type": "Run status changed",
        time: event.detail.at,
        detail: { workspace: "demo", flowVersion: 1 },
      });
    }
  });

  it("cover every transition and give its reason", async () => {
    const details = (await publishedEvents(stack.admin)).map(({ detail }) => detail);
    const runs = details.filter(({ runId }) => runId !== undefined);
    expect([...new Set(runs.map(({ action }) => action))].sort()).toEqual(
      // Written out: a new transition must be added here.
      [
        ...["begin", "cancel", "complete", "dispatch", "fail", "hold", "pause", "proceed"],
        ...["release", "requeue", "resume", "wait"],
      ],
    );
    const last = (action: string) => runs.findLast((one) => one.action === action);
    expect(last("fail")?.["error"]).toEqual({ error: "Broken", state: "Broken" });
    expect(last("hold")?.["pausedBy"]).toEqual({ kind: "flow" });
    expect(last("wait")?.["waitingOn"]).toMatchObject({ kind: "delay", stepId: expect.any(String) });
    expect(runs.find(({ action }) => action === "pause")).toMatchObject({
      ...{ pausedBy: { kind: "user", id: "operator" }, reason: "to pause" },
      actor: { kind: "user", id: "operator" },
    });
  });

  it("end with the run's deletion", async () => {
    const runId = await journeys["straight"]?.();
    await stack.admin.expect([204], "DELETE", `/runs/${runId}`);
    const told = await ofRun(runId ?? "");
    expect(told.at(-1)).toMatchObject({
      "detail-type": "Run deleted",
      detail: { rev: 4, action: "delete", from: "completed", to: "deleted", actor: { id: "admin" } },
    });
    await stack.admin.advance("PT20M"); // the sweeper's work after it changes nothing
    expect(await ofRun(runId ?? "")).toHaveLength(told.length);
  });

  it("include the changes of a flow up to its deletion", async () => {
    const one = flow("changing");
    await stack.admin.publish("changing", tasks("one"));
    await stack.admin.publish("changing", tasks("one", "slow"));
    await stack.admin.expect([200], "POST", "/flows/changing/versions/1/activate");
    await one.pause({ reason: "stocktaking" });
    await one.caps({ throughput: { limit: 5, per: "day" } });
    await one.resume();
    const audit = (await one.audit()).toReversed();
    await stack.admin.expect([204], "DELETE", "/flows/changing");
    const told = (await publishedEvents(stack.admin)).filter(({ detail }) => detail.flowId === "changing");
    const deleted = told.pop();
    expect(told.map(({ detail }) => shown(detail))).toEqual(
      audit.map((entry) => shown(entry as unknown as PublishedEvent["detail"])),
    );
    expect(new Set(told.map((event) => event["detail-type"]))).toEqual(new Set(["Flow changed"]));
    expect(told.map(({ detail: { action, to } }) => [action, to])).toEqual([
      ...[
        ["publish", "version 1"],
        ["publish", "version 2"],
        ["activate", "version 1"],
      ],
      ...[
        ["pause", "paused"],
        ["caps", "paused"],
        ["resume", "active"],
      ],
    ]);
    expect(deleted).toMatchObject({
      "detail-type": "Flow deleted",
      detail: { rev: 7, from: "active", to: "deleted", actor: { kind: "user", id: "admin" } },
    });
  });

  it("include a cap's hold, which pauses the flow for safety", async () => {
    await stack.admin.publish("capped", tasks("one"));
    await flow("capped").caps({ throughput: { limit: 1, per: "day" } });
    await stack.operator.dispatch("capped", {});
    await stack.operator.dispatch("capped", {});
    const told = (await publishedEvents(stack.admin)).filter(
      ({ detail }) => detail.flowId === "capped" && detail.action === "hold" && detail.runId === undefined,
    );
    expect(told).toMatchObject([
      { detail: { from: "active", to: "paused_safety", actor: { kind: "cap", id: "throughput" } } },
    ]);
  });

  it("contain no payload, output or cause, fit their schemas and have unique ids", async () => {
    const told = await publishedEvents(stack.admin);
    expect(JSON.stringify(told)).not.toContain(SECRET);
    for (const event of told) {
      const { detail: schema } = EVENTS[event["detail-type"] as EventType];
      expect(schema.safeParse(event.detail).error, JSON.stringify(event)).toBeUndefined();
    }
    const ids = told.map(({ detail }) => detail.id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe("the log", () => {
  it("is read by number, in pages", async () => {
    const page = (query: string) =>
      stack.admin.expect<{ items: { seq: number }[] }>([200], "GET", `/local/events?${query}`);
    const all = (await page("after=0")).items.map(({ seq }) => seq);
    const first = (await page("limit=3")).items.map(({ seq }) => seq);
    const second = (await page(`limit=3&after=${first.at(-1)}`)).items.map(({ seq }) => seq);
    expect([...first, ...second]).toEqual(all.slice(0, 6));
    expect((await stack.admin.call("GET", "/local/events?limit=few")).status).toBe(422);
  });
});

describe("a failing event bus", () => {
  const fault = (when: string, times: number) =>
    stack.admin.expect([200], "POST", "/local/faults", {
      ...{ service: "events", operation: "PutEvents", when, times },
    });

  it("gets a rejected event once more, and one whose response was lost again under the same id", async () => {
    await fault("before", 20);
    const late = (await journeys["straight"]?.()) ?? "";
    expect(await ofRun(late)).toEqual([]);
    await stack.admin.expect([200], "DELETE", "/local/faults");
    await stack.admin.advance("PT2M");
    expect((await ofRun(late)).map(({ detail }) => detail.rev)).toEqual([1, 2, 3]);

    await fault("after", 1);
    const twice = (await journeys["straight"]?.()) ?? "";
    await stack.admin.advance("PT2M");
    const ids = (await ofRun(twice)).map(({ detail }) => detail.id);
    expect(ids.length).toBeGreaterThan(3);
    expect([...new Set(ids)]).toEqual([1, 2, 3].map((rev) => `demo/${twice}/${rev}`));
    expect((await deadLetters()).filter(({ source }) => source === "stream")).toEqual([]);
  });

  it("leaves a record that cannot be published to the dead letters after its retries, without delaying others", async () => {
    const client = new DynamoDBClient({
      endpoint: `${stack.url}/aws/dynamodb`,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    const [PK, SK] = [{ S: "W#demo#R#poison" }, { S: "RUN" }];
    const Item = {
      PK,
      SK,
      status: { S: "pending" },
      rev: { N: "1" },
      trail: { L: [{ M: { rev: { N: "1" } } }] },
    };
    await client.send(new PutItemCommand({ TableName: "sluice", Item }));
    client.destroy();
    const beside = (await journeys["straight"]?.()) ?? "";
    expect((await ofRun(beside)).map(({ detail }) => detail.rev)).toEqual([1, 2, 3]);
    expect(await deadLetters()).toEqual([]);
    await stack.admin.advance("PT1H");
    const letters = await eventually(async () => {
      const found = await deadLetters();
      return found.length > 0 ? found : undefined;
    });
    expect(letters).toMatchObject([{ source: "stream", target: "sluice-publish-changes", attempts: 21 }]);
    expect(JSON.parse(letters[0]?.payload ?? "")).toMatchObject({ keys: { PK, SK } });
  });

  const deadLetters = async () =>
    (
      await stack.admin.expect<{ items: { source: string; payload: string }[] }>(
        [200],
        "GET",
        "/local/dead-letters",
      )
    ).items;
});
