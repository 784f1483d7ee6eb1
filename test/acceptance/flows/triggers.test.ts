import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awsEnvironment } from "../../../local/aws/environment.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { Trigger } from "../../../shared/model/schemas/trigger.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const DONE = { StartAt: "Done", States: { Done: { Type: "Succeed" } } };
const NINE = { schedule: "cron(0 9 * * ? *)", timezone: "America/New_York" };

describe("triggers", { timeout: 120_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack();
    for (const flowId of ["orders", "queue", "drop", "latest", "off", "taken"])
      await stack.admin.publish(flowId, DONE);
  });
  afterAll(() => stack.close());

  const runsOf = async (flowId: string) =>
    (await stack.admin.expect<{ items: Run[] }>([200], "GET", `/runs?flowId=${flowId}&limit=200`)).items;

  it("are put, read, listed and deleted by administrators", async () => {
    const path = "/flows/orders/triggers/nightly";
    const body = { ...NINE, whileHeld: "queue", payload: { report: "daily" } };
    const made = await stack.admin.expect<Trigger>([201], "PUT", path, body);
    expect(made).toMatchObject({ triggerId: "nightly", ...body, enabled: true, updatedBy: "admin" });
    expect(Object.keys(made)).not.toContain("generation");
    /** Puts or deletes it at a revision. */
    const at = async (rev: number, method: "PUT" | "DELETE", more: object = {}) => {
      const sent = method === "PUT" ? { ...body, ...more } : undefined;
      const answer = await stack.admin.call(method, path, sent, { "if-match": `"${rev}"` });
      return [answer.status, answer.body] as const;
    };
    const [, off] = await at(made.rev, "PUT", { enabled: false });
    expect([made.rev, off]).toMatchObject([1, { enabled: false, rev: 2 }]);
    const read = await stack.operator.call("GET", path);
    expect([read.body, read.headers.get("etag")]).toEqual([off, '"2"']);
    expect(await at(made.rev, "PUT")).toMatchObject([409, { code: "state_changed", rev: 2 }]);
    expect(await at(made.rev, "DELETE")).toMatchObject([409, { code: "state_changed", rev: 2 }]);
    expect(await stack.operator.expect([200], "GET", "/flows/orders/triggers")).toEqual({ items: [off] });
    expect((await stack.operator.call("PUT", path, body)).status).toBe(403);
    expect((await stack.operator.call("DELETE", path)).status).toBe(403);
    expect(await at(2, "DELETE")).toEqual([204, {}]);
    expect((await stack.admin.call("DELETE", path)).status).toBe(404);
    expect(await at(2, "PUT")).toMatchObject([409, { code: "state_changed" }]);
    expect((await stack.admin.call("PUT", "/flows/none/triggers/t", body)).status).toBe(404);
  });

  it.each([
    [{ schedule: "every day" }, "schedule"],
    [{ schedule: "cron(0 25 * * ? *)" }, "schedule"],
    [{ schedule: "rate(0 minutes)" }, "schedule"],
    [{ timezone: "Mars/Olympus" }, "timezone"],
    [{ whileHeld: "skip" }, "whileHeld"],
    [{ whileHeld: undefined }, "whileHeld"],
    [{ every: 1 }, "every"],
  ])("%j is refused with its name, and nothing is written", async (change, path) => {
    const trigger = { ...NINE, whileHeld: "queue", ...change };
    const { status, body } = await stack.admin.call("PUT", "/flows/orders/triggers/bad", trigger);
    expect([status, body]).toMatchObject([422, { code: "invalid_request", errors: [{ path }] }]);
    expect((await stack.admin.call("GET", "/flows/orders/triggers/bad")).status).toBe(404);
  });

  it("run daily over a month, through a change to daylight saving time and a pause, as each `whileHeld` says", async () => {
    const { now } = (await stack.admin.call("GET", "/local/clock")).body as { now: string };
    // The next day before the clocks change in New York, by enough for ten days of runs before it.
    const changes = ["03-08", "11-01", "03-14", "11-07", "03-12", "11-05"];
    const years = ["2026", "2026", "2027", "2027", "2028", "2028"];
    const day =
      changes
        .map((date, n) => `${years[n]}-${date}`)
        .find((date) => Date.parse(date) - Date.parse(now) > 12 * 86_400_000) ?? "";
    const start = Date.parse(`${day}T12:00:00Z`) - 10 * 86_400_000;
    const minutes = Math.ceil((start - Date.parse(now)) / 60_000);
    await stack.admin.advance(`PT${minutes}M`);
    for (const whileHeld of ["queue", "drop", "latest"])
      await stack.admin.expect([201], "PUT", `/flows/${whileHeld}/triggers/nine`, { ...NINE, whileHeld });
    await stack.admin.expect([201], "PUT", "/flows/off/triggers/nine", {
      ...NINE,
      whileHeld: "queue",
      enabled: false,
    });
    await stack.admin.advance("P20D");
    for (const flowId of ["queue", "drop", "latest"]) await new FlowClient(stack.admin, flowId).pause();
    await stack.admin.advance("P5D");
    const held = await Promise.all(["queue", "drop", "latest"].map(runsOf));
    expect(held.map((runs) => runs.filter(({ queued }) => queued).length)).toEqual([5, 0, 1]);
    for (const flowId of ["queue", "drop", "latest"]) await new FlowClient(stack.admin, flowId).resume({});
    await stack.admin.advance("P5D");

    const ended = async (flowId: string, status: Run["status"]) =>
      (await runsOf(flowId)).filter((run) => run.status === status);
    const counts = async () =>
      Promise.all(
        ["queue", "drop", "latest", "off"].map(async (flowId) => (await ended(flowId, "completed")).length),
      );
    await eventually(async () => ((await counts()).join() === "30,25,26,0" ? true : undefined), 25);
    expect((await ended("latest", "cancelled")).length).toBe(4);
    // Nine o'clock in New York is another hour in UTC after the change.
    const hours = new Set((await runsOf("drop")).map(({ createdAt }) => createdAt.slice(11, 13)));
    expect([...hours].sort()).toEqual(["13", "14"]);
    expect((await runsOf("drop")).every(({ startedBy }) => startedBy === "nine")).toBe(true);
    await stack.admin.expect([204], "DELETE", "/flows/drop/triggers/nine");
    await stack.admin.advance("P3D");
    expect((await runsOf("drop")).length).toBe(25);
  });

  it("the intake takes records, events and messages from whoever may invoke its workspace's alias", async () => {
    const client = new LambdaClient({
      ...{ region: "us-east-1", endpoint: awsEnvironment(stack.url)["AWS_ENDPOINT_URL_LAMBDA"] ?? "" },
      credentials: { accessKeyId: "a", secretAccessKey: "s" },
    });
    const invoke = async (payload: unknown, FunctionName = "sluice-intake:ws-demo") => {
      const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }),
      );
      return { error: FunctionError, body: JSON.parse(Buffer.from(Payload ?? "").toString("utf8")) };
    };
    const record = { flowId: "taken", payload: { n: 1 }, idempotencyKey: "k", priority: 7 };
    const first = await invoke(record);
    expect(first.body).toMatchObject({ flowId: "taken", priority: 7, startedBy: "intake" });
    expect((await invoke(record)).body.runId).toBe(first.body.runId);
    const event = { id: "e-1", source: "shop", "detail-type": "Order", detail: {} };
    const byEvent = await invoke({ flowId: "taken", event });
    expect((await invoke({ flowId: "taken", event })).body.runId).toBe(byEvent.body.runId);
    expect((await invoke({ flowId: "taken", event: { ...event, source: "sluice" } })).body).toEqual({
      refused: true,
    });
    const messages = [
      { flowId: "taken", messageId: "m-1", body: '{"n":2}' },
      { flowId: "taken", messageId: "m-2", body: "not JSON" },
    ];
    expect((await invoke(messages)).body).toEqual({
      batchItemFailures: [{ itemIdentifier: "m-2", reason: "The message is not JSON" }],
    });
    expect((await runsOf("taken")).length).toBe(3);
    expect((await invoke(record, "sluice-intake")).error).toBeDefined();
    expect((await invoke({ flowId: "taken" })).error).toBeDefined();
    expect((await invoke(record, "sluice-intake:ws-other")).error).toBeDefined();
    client.destroy();
  });
});
