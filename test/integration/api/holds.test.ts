import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import { FlowClient, stackTime } from "../../harness/clients/flow-client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const DAY_MS = 86_400_000;

interface BusEvent {
  readonly seq: number;
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: JsonObject;
}

describe("pause, resume and caps over HTTP", () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one");
  });
  afterAll(() => stack.close());

  const newFlow = async (flowId: string): Promise<FlowClient> => {
    await stack.admin.publish(flowId, tasks("one"));
    return new FlowClient(stack.admin, flowId);
  };
  const path = (flow: FlowClient, verb: string) => `/flows/${flow.flowId}/${verb}`;

  it.each([
    ["POST", "pause", { mode: "freeze" }, "mode"],
    ["POST", "pause", { resumeAt: "tomorrow" }, "resumeAt"],
    ["POST", "pause", { resumeAt: "2020-01-01T00:00:00.000Z" }, "resumeAt"],
    ["POST", "pause", { until: "2020-01-01T00:00:00.000Z" }, "until"],
    ["POST", "resume", { drainRate: 0 }, "drainRate"],
    ["POST", "resume", { holds: ["spend"] }, "holds"],
    ["POST", "resume", { holds: [] }, "holds"],
    ["PUT", "caps", { throughput: { limit: 0, per: "minute" } }, "throughput.limit"],
    ["PUT", "caps", { throughput: { limit: 1.5, per: "minute" } }, "throughput.limit"],
    ["PUT", "caps", { throughput: { limit: 1, per: "week" } }, "throughput.per"],
    ["PUT", "caps", { spend: { limit: -1, period: "day" } }, "spend.limit"],
    ["PUT", "caps", { spend: { limit: 1, per: "day" } }, "spend.per"],
    ["PUT", "caps", { budget: 5 }, "budget"],
  ])("%s %s %j is refused and changes nothing", async (method, verb, body, names) => {
    const flow = await newFlow("strict");
    const before = await allItems(stack.url);
    const answer = await stack.admin.call(method, path(flow, verb), body);
    expect([answer.status, answer.body["code"]]).toEqual([422, "invalid_request"]);
    const errors = answer.body["errors"] as { path: string }[];
    expect(errors.map((error) => error.path).join()).toContain(names);
    expect(await allItems(stack.url)).toEqual(before);
  });

  it("a dry run of a pause counts what it would hold, writes nothing, and is open to whoever may read", async () => {
    const { admin, functions } = stack;
    const definition = chain({
      Free: task("one", { Sluice: { Gate: "none" } }),
      Work: task("one"),
      Long: { Type: "Wait", Seconds: 7_200 },
    });
    await admin.publish("preview", { ...definition, TimeoutSeconds: 3_600 });
    await admin.publish("patient", { ...definition, TimeoutSeconds: 86_400 });
    const flow = new FlowClient(admin, "preview");
    const patient = new FlowClient(admin, "patient");
    for (const { flowId } of [flow, patient])
      await admin.untilStatus((await admin.dispatch(flowId, {})).runId, "waiting");
    functions.block("one");
    await flow.dispatch({});
    functions.release("one");
    await flow.untilCensus({ waiting: 2 });
    const before = await allItems(stack.url);
    const resumeAt = new Date((await stackTime(admin)) + 2 * 3_600_000).toISOString();
    const ask = { dryRun: true, resumeAt };
    const viewer = await stack.as("viewer");
    expect((await viewer.call("POST", path(flow, "pause"), ask)).body).toEqual({
      ...{ underWay: 2, inStep: [], waiting: 2, deadlinesMissed: 2, unheld: ["Free"] },
      queuedByResume: expect.any(Number),
    });
    expect((await viewer.call("POST", path(patient, "pause"), ask)).body).toMatchObject({
      ...{ underWay: 1, deadlinesMissed: 0 },
    });
    expect(await allItems(stack.url)).toEqual(before);
    for (const body of [{ resumeAt }, { ...ask, dryRun: false }])
      expect((await viewer.call("POST", path(flow, "pause"), body)).status).toBe(403);
    expect((await (await stack.as("member")).call("POST", path(flow, "pause"), ask)).status).toBe(403);
    expect((await viewer.call("POST", path(flow, "pause"), { dryRun: true, resumeAt: "never" })).status).toBe(
      422,
    );
    const shown = (await viewer.call("POST", path(flow, "pause"), { ...ask, mode: "reject" })).body;
    expect(shown["queuedByResume"]).toBe(0);
  });

  it.each(['"1", "2"', '"7", "1"', "1, 2", '"1" "2"', '"1",', "one", '""'])(
    "refuse If-Match: %s, which is not one rev, and change nothing",
    async (list) => {
      const flow = await newFlow("listed");
      const before = await allItems(stack.url);
      for (const [method, verb] of [
        ["POST", "pause"],
        ["POST", "resume"],
        ["PUT", "caps"],
        ["DELETE", ""],
      ] as const) {
        const target = verb === "" ? `/flows/${flow.flowId}` : path(flow, verb);
        const answer = await stack.admin.call(method, target, method === "DELETE" ? undefined : {}, {
          "if-match": list,
        });
        expect([answer.status, answer.body["code"]]).toEqual([422, "invalid_request"]);
        expect(answer.body["errors"]).toEqual([
          { path: "If-Match", message: 'Must be one rev in quotes, such as "3". Lists are not supported.' },
        ]);
      }
      expect(await allItems(stack.url)).toEqual(before);
    },
  );

  it("respect If-Match, answer with an ETag and refuse what does not apply", async () => {
    const flow = await newFlow("matched");
    const stale = await stack.admin.call("POST", path(flow, "pause"), {}, { "if-match": '"7"' });
    expect(stale.body).toMatchObject({ code: "state_changed", currentStatus: "active", rev: 1 });
    const idle = await flow.resume();
    expect([idle.status, idle.body["code"]]).toEqual([409, "action_not_allowed"]);
    const paused = await stack.admin.call("POST", path(flow, "pause"), undefined, { "if-match": '"1"' });
    expect([paused.status, paused.headers.get("etag"), paused.body["status"]]).toEqual([
      200,
      '"2"',
      "paused",
    ]);
    const again = await flow.pause();
    expect(again.body).toMatchObject({ code: "action_not_allowed", currentStatus: "paused" });
    const caps = await stack.admin.call(
      "PUT",
      path(flow, "caps"),
      { spend: { limit: 1, period: "day" } },
      { "if-match": '"1"' },
    );
    expect(caps.body).toMatchObject({ code: "state_changed", rev: 2 });
    const resumed = await stack.admin.call("POST", path(flow, "resume"), {}, { "if-match": '"2"' });
    expect([resumed.status, resumed.headers.get("etag"), resumed.body["holds"]]).toEqual([200, '"3"', []]);
    const unknown = await stack.admin.call("POST", "/flows/nowhere/pause", {});
    expect([unknown.status, unknown.body["code"]]).toEqual([404, "not_found"]);
  });

  it("a pause ends after exactly 14 days, and shows its user, reason and end", async () => {
    const flow = await newFlow("shown");
    const before = await stackTime(stack.admin);
    const answer = await flow.pause({ mode: "reject", reason: "the printer is on fire" });
    const after = await stackTime(stack.admin);
    const shown = answer.body as unknown as Flow;
    const [hold] = shown.holds;
    expect(hold).toMatchObject({ kind: "manual", by: "admin", reason: "the printer is on fire" });
    const since = Date.parse(hold?.since ?? "");
    expect(since).toBeGreaterThanOrEqual(before);
    expect(since).toBeLessThanOrEqual(after);
    expect(Date.parse(hold?.resumeAt ?? "") - since).toBe(14 * DAY_MS);
    expect(shown).toMatchObject({
      ...{ mode: "reject", resumeAt: hold?.resumeAt, queued: 0, inFlight: 0, draining: null, rev: 2 },
    });
    const far = { resumeAt: new Date(before + 15 * DAY_MS).toISOString() };
    await flow.resume({ reason: "it is out" });
    expect((await flow.pause(far)).body).toMatchObject({ code: "invalid_request" });
    const [resumed, paused] = await flow.audit();
    expect(paused).toMatchObject({
      ...{ action: "pause", from: "active", to: "paused", rev: 2, reason: "the printer is on fire" },
      actor: { kind: "user", id: "admin" },
    });
    expect(resumed).toMatchObject({
      ...{ action: "resume", from: "paused", to: "active", rev: 3, reason: "it is out" },
    });
    const listed = await stack.admin.expect<{ items: Flow[] }>([200], "GET", "/flows");
    expect(listed.items.find(({ flowId }) => flowId === "shown")).toEqual(await flow.now());
  });

  it("a warning is published once, a day before a hold ends, unless the hold was lifted", async () => {
    const [kept, lifted, short] = [
      await newFlow("warned"),
      await newFlow("lifted"),
      await newFlow("short"),
    ] as const;
    const inHours = async (hours: number) => ({
      resumeAt: new Date((await stackTime(stack.admin)) + hours * 3_600_000).toISOString(),
      reason: "stocktaking",
    });
    const paused = await kept.pause(await inHours(48));
    await lifted.pause(await inHours(48));
    await short.pause(await inHours(5));
    await lifted.resume();
    const warnings = async () => {
      const { items } = await stack.admin.expect<{ items: BusEvent[] }>([200], "GET", "/local/events");
      return items.filter((event) => event["detail-type"] === "Flow resumes soon");
    };
    await stack.admin.advance("PT23H");
    expect(await warnings()).toEqual([]);
    await stack.admin.advance("PT1H1M");
    const { resumeAt } = paused.body;
    expect(await warnings()).toMatchObject([
      {
        "detail-type": "Flow resumes soon",
        detail: {
          ...{ workspace: "demo", flowId: "warned", name: "warned", resumeAt },
          hold: { kind: "manual", reason: "stocktaking", by: { kind: "user", id: "admin" } },
        },
      },
    ]);
    await stack.admin.advance("P1D");
    expect((await kept.now()).status).toBe("active");
    expect(await warnings()).toHaveLength(1);
    const letters = await stack.admin.expect<{ items: unknown[] }>([200], "GET", "/local/dead-letters");
    expect(letters.items).toEqual([]);
  });

  it("one cap can be removed while the other stays; a request that changes nothing has no audit entry", async () => {
    const flow = await newFlow("capped");
    const throughput = { limit: 5, per: "hour" } as const;
    const spend = { limit: 2.5, period: "day" } as const;
    expect((await flow.caps({ throughput })).body).toMatchObject({ caps: { throughput }, rev: 2 });
    expect((await flow.caps({ spend })).body).toMatchObject({ caps: { throughput, spend }, rev: 3 });
    expect((await flow.caps({ spend, throughput })).body).toMatchObject({ rev: 3 });
    expect((await flow.caps({})).body).toMatchObject({ caps: { throughput, spend }, rev: 3 });
    const left = await flow.caps({ throughput: null });
    expect(left.body).toMatchObject({ rev: 4, caps: { spend } });
    expect(left.body["caps"]).toEqual({ spend });
    expect((await flow.audit()).map(({ action, rev, from, to }) => [action, rev, from, to])).toEqual([
      ["caps", 4, "active", "active"],
      ["caps", 3, "active", "active"],
      ["caps", 2, "active", "active"],
      ["publish", 1, "draft", "version 1"],
    ]);
  });

  it("a deleted flow's meters and counters are deleted too", async () => {
    const flow = await newFlow("metered");
    await flow.pause();
    const { runId } = await flow.dispatch({});
    expect(await flow.now()).toMatchObject({ queued: 1, meters: { throughput: { used: 1 } } });
    await stack.admin.expect([204], "DELETE", `/runs/${runId}`);
    await stack.admin.expect([204], "DELETE", "/flows/metered");
    const left = (await allItems(stack.url)).filter(({ PK }) => String(PK).includes("F#metered"));
    expect(left).toEqual([]);
  });
});
