import { SFNClient, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import { clientFor, eventually } from "../../harness/clients/client.ts";
import { chain, tasks } from "../../harness/definitions.ts";
import { allItems, sdkConfig } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const WAITS = chain({ Doze: { Type: "Wait", Seconds: 86_400 }, Last: { Type: "Pass" } });
const FAILS = { StartAt: "Oh", States: { Oh: { Type: "Fail", Error: "Oh", Cause: "no" } } };

describe("bulk operations", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let bulks: BulkClient;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    bulks = new BulkClient(stack.admin);
    await stack.admin.publish("fails", FAILS);
    await stack.admin.publish("waits", WAITS);
    for (const flowId of ["mixed", "slow", "stops", "faults", "orphan"]) {
      await stack.admin.publish(flowId, tasks("one"));
      await stack.admin.expect([200], "POST", `/flows/${flowId}/pause`, {});
    }
  });
  afterAll(() => stack.close());

  const ids = (found: readonly { readonly runId: string }[]) => found.map(({ runId }) => runId).sort();
  const census = (found: readonly { readonly outcome: string }[]) =>
    Object.fromEntries(
      Object.entries(Object.groupBy(found, ({ outcome }) => outcome)).map(([outcome, all]) => [
        outcome,
        all?.length,
      ]),
    );

  it.each([
    ["filter", { filter: {} }],
    ["filter", {}],
    ["filter", { filter: { flowId: "mixed" }, runIds: ["00000000-0000-7000-8000-000000000000"] }],
    ["filter.status", { filter: { status: [] } }],
    ["filter.status[0]", { filter: { status: ["done"] } }],
    ["filter.colour", { filter: { colour: "red", flowId: "mixed" } }],
    ["filter.createdAfter", { filter: { createdAfter: "yesterday" } }],
    ["runIds", { runIds: [] }],
    ["runIds[0]", { runIds: ["mixed"] }],
    ["runIds", { runIds: ["a", "a"].map(() => "00000000-0000-7000-8000-000000000000") }],
    ["revs", { runIds: ["00000000-0000-7000-8000-000000000000"], revs: [1, 2] }],
    ["revs", { filter: { flowId: "mixed" }, revs: [1] }],
    ["revs[0]", { runIds: ["00000000-0000-7000-8000-000000000000"], revs: [0] }],
    ["rate", { filter: { flowId: "mixed" }, rate: 0 }],
    ["rate", { filter: { flowId: "mixed" }, rate: 1_001 }],
    ["colour", { filter: { flowId: "mixed" }, colour: "red" }],
    ["action", { filter: { flowId: "mixed" }, action: "begin" }],
  ])("refuse a bad %s: %j", async (path, request) => {
    const answer = await stack.admin.call("POST", "/bulk-operations", { action: "cancel", ...request });
    expect(answer.status).toBe(422);
    expect(answer.body).toMatchObject({ code: "invalid_request", errors: [{ path }] });
  });

  it("require permission to control runs, or to delete them; others get 404", async () => {
    const request = { action: "cancel", filter: { flowId: "nothing" } };
    const denied = await stack.operator.call("POST", "/bulk-operations", { ...request, action: "delete" });
    expect([denied.status, denied.body["code"]]).toEqual([403, "forbidden"]);
    const viewer = await stack.as("viewer");
    expect((await viewer.call("POST", "/bulk-operations", request)).status).toBe(403);

    const started = await stack.operator.call("POST", "/bulk-operations", request);
    expect(started.status).toBe(202);
    expect(started.body).toMatchObject({ status: "completed", matched: 0, createdBy: "operator" });
    const path = `/bulk-operations/${started.body["bulkId"]}`;
    expect(started.headers.get("location")).toBe(`/v1/workspaces/demo${path}`);
    expect((await viewer.call("GET", path)).status).toBe(200);
    const platform = await clientFor(stack.url, "platform");
    await platform.expect([200, 201], "PUT", "/v1/workspaces/other", { admins: ["eve"] });
    const eve = await clientFor(stack.url, "eve", "other");
    const member = await stack.as("member");
    for (const [method, end] of [
      ["GET", ""],
      ["GET", "/results"],
      ["POST", "/stop"],
    ] as const) {
      expect((await eve.call(method, path + end)).status).toBe(404);
      if (method === "GET") expect((await member.call(method, path + end)).status).toBe(404);
    }
    for (const other of [eve, member]) {
      expect((await other.call("GET", "/bulk-operations")).body).toEqual({ items: [] });
    }
  });

  it("count without writing in a dry run, and run once for a repeated key", async () => {
    await bulks.dispatch("fails", 3);
    await eventually(
      async () => (await bulks.runs({ status: "failed", flowId: "fails" })).length === 3 || undefined,
    );
    const request = { action: "delete", filter: { status: ["failed"], flowId: "fails" } };
    const before = await allItems(stack.url);
    const preview = await stack.admin.call("POST", "/bulk-operations", { ...request, dryRun: true });
    expect([preview.status, preview.body]).toEqual([200, { matched: 3 }]);
    expect(await allItems(stack.url)).toEqual(before);

    const key = { "idempotency-key": "tidy" };
    const first = await stack.admin.call("POST", "/bulk-operations", request, key);
    const second = await stack.admin.call("POST", "/bulk-operations", request, key);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect(second.body["bulkId"]).toBe(first.body["bulkId"]);
    const other = await stack.admin.call("POST", "/bulk-operations", { ...request, rate: 3 }, key);
    expect([other.status, other.body["code"]]).toEqual([422, "idempotency_key_reused"]);
    expect(await bulks.end(String(first.body["bulkId"]))).toMatchObject({ matched: 3, succeeded: 3 });
    expect(await bulks.runs({ flowId: "fails" })).toEqual([]);
  });

  it("pause, resume, cancel and replay like the single calls, on behalf of the caller", async () => {
    const runIds = await bulks.dispatch("mixed", 4);
    const filter = { flowId: "mixed" };
    const asked = { filter, reason: "price list" };
    expect((await bulks.run({ action: "pause", ...asked })).bulk).toMatchObject({
      ...{ status: "completed", matched: 4, succeeded: 4, skipped: 0, failed: 0, filter, rate: 100 },
      ...{ createdBy: "admin", reason: "price list" },
    });
    const mine = { pausedBy: "admin", status: ["paused" as const] };
    expect((await bulks.run({ action: "resume", filter: mine })).bulk).toMatchObject({
      matched: 4,
      succeeded: 4,
    });
    expect((await bulks.run({ action: "cancel", ...asked })).bulk).toMatchObject({ succeeded: 4 });
    const again = await bulks.run({ action: "cancel", ...asked });
    expect(again.bulk).toMatchObject({ succeeded: 0, skipped: 4 });
    expect(again.results[0]).toMatchObject({
      code: "run_already_terminal",
      detail: "Run is already cancelled",
    });
    const audit = await stack.admin.audit(runIds[0] ?? "");
    expect(audit.map(({ action }) => action).toReversed()).toEqual([
      "dispatch",
      "pause",
      "requeue",
      "cancel",
    ]);
    expect(audit[0]).toMatchObject({ actor: { kind: "user", id: "admin" }, reason: "price list" });

    const replayed = await bulks.run({
      action: "replay",
      filter: { flowId: "mixed", status: ["cancelled"] },
    });
    expect(census(replayed.results)).toEqual({ succeeded: 4 });
    for (const { runId, newRunId } of replayed.results) {
      expect((await stack.admin.run(newRunId ?? "")).replayOf).toBe(runId);
    }
  });

  it("skip and report runs that changed or are missing, and respect the rate", async () => {
    const runIds = await bulks.dispatch("slow", 9);
    const nobody = "00000000-0000-7000-8000-000000000000";
    const begun = performance.now();
    const { bulkId } = await bulks.start({ action: "cancel", runIds: [...runIds, nobody], rate: 3 });
    const last = runIds.at(-1) ?? "";
    expect((await stack.operator.act(last, "pause")).status).toBe(200);
    const bulk = await bulks.until(bulkId, ({ succeeded, skipped, endedAt }) => {
      const seconds = (performance.now() - begun) / 1_000;
      expect(succeeded + skipped).toBeLessThanOrEqual(3 * (Math.floor(seconds) + 1));
      return endedAt !== undefined;
    });
    expect(bulk).toMatchObject({ runIds: 10, matched: 10, succeeded: 8, skipped: 2, failed: 0, rate: 3 });
    const results = await bulks.results(bulkId);
    expect(results.map(({ runId }) => runId)).toEqual([...runIds, nobody]);
    expect(results.slice(-2)).toEqual([
      {
        ...{ runId: last, outcome: "skipped", code: "state_changed" },
        detail: "The run changed after it was selected; it is now paused",
      },
      { runId: nobody, outcome: "skipped", code: "not_found", detail: "There is no such run" },
    ]);
    expect((await stack.admin.run(last)).status).toBe("paused");
  });

  it("stop with exact counters, unless they have ended", async () => {
    await bulks.dispatch("stops", 30);
    const { bulkId } = await bulks.start({ action: "cancel", filter: { flowId: "stops" }, rate: 5 });
    await bulks.until(bulkId, ({ succeeded }) => succeeded >= 5);
    const stopped = await bulks.stop(bulkId);
    expect([stopped.status, stopped.body.status]).toEqual([200, "stopped"]);
    const { succeeded, skipped, matched } = await bulks.end(bulkId);
    expect(matched).toBe(30);
    expect(succeeded).toBeLessThan(30);
    await stack.admin.advance("PT5M");
    expect(await bulks.runs({ flowId: "stops", status: "cancelled" })).toHaveLength(succeeded);
    expect(await bulks.results(bulkId)).toHaveLength(succeeded + skipped);
    expect((await bulks.run({ action: "cancel", filter: { status: ["pending"] } })).bulk.failed).toBe(0);
    const again = await bulks.stop(bulkId);
    expect([again.status, again.body["code"]]).toEqual([409, "action_not_allowed"]);
  });

  it("process and count each run once despite failing calls and a stopped execution", async () => {
    const runIds = await bulks.dispatch("faults", 30);
    for (const [operation, when] of [
      ["UpdateItem", "after"],
      ["TransactWriteItems", "after"],
      ["Query", "before"],
    ]) {
      await stack.admin.expect([200], "POST", "/local/faults", {
        service: "dynamodb",
        operation,
        when,
        times: 1,
      });
    }
    const started = await eventually(async () => {
      const request = { action: "pause", runIds, rate: 10 };
      const answer = await stack.admin.call("POST", "/bulk-operations", request, {
        "idempotency-key": "faults",
      });
      return answer.status === 202 ? String(answer.body["bulkId"]) : undefined;
    });
    const states = new SFNClient(sdkConfig(stack.url, "states"));
    const executionArn = `arn:aws:states:us-east-1:000000000000:execution:sluice-bulk:${started}-1`;
    await states.send(new StopExecutionCommand({ executionArn }));
    states.destroy();
    // Faults strike sweeps too: the next sweep repeats what failed.
    await eventually(async () => {
      await stack.admin.advance("PT2M");
      return (await bulks.now(started)).endedAt;
    });
    expect(await bulks.end(started)).toMatchObject({ matched: 30, succeeded: 30, skipped: 0, failed: 0 });
    expect(ids(await bulks.results(started))).toEqual(runIds.toSorted());
    for (const run of await bulks.runs({ flowId: "faults" }))
      expect([run.status, run.rev]).toEqual(["paused", 2]);
  });

  it("are listed newest first, page by page, and deleted after 30 days", async () => {
    const listed = await bulks.list(2);
    expect(listed.length).toBeGreaterThan(6);
    expect(listed).toEqual(listed.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1)));
    await stack.admin.advance("P31D");
    expect(await bulks.list(2)).toEqual([]);
    expect((await stack.admin.call("GET", `/bulk-operations/${listed[0]?.bulkId}`)).status).toBe(404);
    await stack.admin.advance("PT2M");
    const items = await allItems(stack.url);
    expect(items.filter(({ PK, SK }) => /#B#/.test(String(PK)) || /^BULK/.test(String(SK)))).toEqual([]);
  });
});
