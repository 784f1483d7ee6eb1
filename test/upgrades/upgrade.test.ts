import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../shared/model/json/json.ts";
import type { Run } from "../../shared/model/schemas/run.ts";
import { BulkClient } from "../harness/clients/bulk-client.ts";
import { eventually } from "../harness/clients/client.ts";
import { FlowClient } from "../harness/clients/flow-client.ts";
import { leftovers } from "../harness/ledger/stored-items.ts";
import { stackOf, type TestStack } from "../harness/stack/test-stack.ts";
import { FUNCTIONS } from "./catalogue.ts";
import { readRelease, releases } from "./release.ts";
import { RestoredRelease } from "./restored-release.ts";

const PAYLOAD: JsonObject = { order: "B-1", items: [1, 2], until: "2026-01-01T00:00:00Z" };

describe.each(releases())("everything that release %s has left", { timeout: 120_000 }, (name) => {
  let stack: TestStack;
  let old: RestoredRelease;
  beforeAll(async () => {
    stack = await stackOf(FUNCTIONS);
    old = await RestoredRelease.on(stack, readRelease(name));
    await old.restore();
  });
  afterAll(async () => {
    old?.close();
    await stack.close();
  });

  const completed = (runId: string): Promise<Run> => stack.operator.untilStatus(runId, "completed");
  const answer = (runId: string, stepId: string | undefined, body: JsonObject) =>
    stack.operator.expect([200], "POST", `/runs/${runId}/steps/${stepId}/complete`, body);
  const begins = (runName: string): unknown[] =>
    stack.functions
      .calls(runName)
      .filter(({ at }) => at === "begin")
      .map(({ event }) => event);

  it("is listed as before, with its history", async () => {
    const statuses = old.release.items
      .filter((item) => item["SK"]?.S === "RUN" && item["deleted"] === undefined)
      .map((item) => [item["PK"]?.S?.split("#R#")[1], item["status"]?.S]);
    const listed = await new BulkClient(stack.admin).runs();
    expect(Object.fromEntries(listed.map(({ runId, status }) => [runId, status]))).toEqual(
      Object.fromEntries(statuses),
    );
    const inGroups = old.release.items.filter((item) => item["failure"] !== undefined);
    const groups = await stack.admin.api.getFailures({ query: {} });
    expect(groups.items.reduce((sum, { count }) => sum + count, 0)).toBe(inGroups.length);
    for (const { runId, rev } of listed) expect(await stack.admin.audit(runId)).toHaveLength(rev);
    const views = await stack.admin.expect<{ items: unknown[] }>([200], "GET", "/views");
    expect(views.items).toHaveLength(2);
    expect(await stack.admin.expect([200], "GET", "/members/ann")).toMatchObject({
      permissions: ["refund", "ship"],
    });
    expect(await stack.admin.expect([200], "GET", "/settings")).toMatchObject({ retentionDays: 30 });
    const [, bulk] = await new BulkClient(stack.admin).list();
    expect((await new BulkClient(stack.admin).results(bulk?.bulkId ?? "")).length).toBeGreaterThan(0);
  });

  it("accepts answers to approvals and forms from before", async () => {
    const { operator } = stack;
    const approval = old.run("waits for an approval");
    const { waitingOn } = await operator.run(approval);
    await answer(approval, waitingOn?.stepId, { decision: "approved" });
    const next = await operator.until(approval, (run) => run.waitingOn?.kind === "form");
    await answer(approval, next.waitingOn?.stepId, { decision: "submitted", data: { pieces: 2 } });
    expect((await completed(approval)).output).toMatchObject({
      approval: { decision: "approved", by: "operator" },
      form: { data: { pieces: 2 } },
      two: 1,
    });
    const form = old.run("waits for a form");
    const asked = (await operator.run(form)).waitingOn?.stepId;
    const refused = await operator.call("POST", `/runs/${form}/steps/${asked}/complete`, {
      decision: "submitted",
      data: {},
    });
    expect(refused.status).toBe(422);
    await answer(form, asked, { decision: "submitted", data: { pieces: 3 } });
    await completed(form);
    const each = old.run("waits for two approvals in a Map");
    for (const step of await operator.steps(each))
      if (step.name === "Ask") await answer(each, step.stepId, { decision: "approved" });
    expect((await completed(each)).output).toMatchObject([
      { decision: "approved" },
      { decision: "approved" },
    ]);
  });

  it("wakes runs that a user's pause had parked, in branches too, and moves their deadline", async () => {
    const { operator, functions } = stack;
    for (const role of ["paused", "paused with a deadline", "paused in a branch"]) {
      const runId = old.run(role);
      expect((await operator.act(runId, "resume")).status).toBe(200);
      const { output } = await completed(runId);
      if (role !== "paused in a branch") expect(output).toMatchObject({ two: 1 });
    }
    for (const branch of ["left", "also", "right", "more"]) expect(functions.count(branch)).toBe(1);
    expect(functions.count("saved")).toBe(0);
  });

  it("continues after a callback with the token that the user's function had received", async () => {
    const [asked] = begins("ask") as { token: string }[];
    await old.succeed(asked?.token, { told: true });
    expect((await completed(old.run("waits for a callback"))).output).toMatchObject({
      answer: { told: true },
    });
  });

  it("completes intents that were written but not performed", async () => {
    const { operator, admin, functions } = stack;
    await admin.advance("PT2M");
    await completed(old.run("resumed, not woken"));
    const answered = await operator.until(
      old.run("answered, not told"),
      (run) => run.waitingOn?.kind === "form",
    );
    expect((await operator.act(answered.runId, "cancel")).status).toBe(200);
    await eventually(
      async () => (await old.executionStatus("cancelled, not stopped")) === "ABORTED" || undefined,
    );
    expect((await operator.run(old.run("cancelled, not stopped"))).status).toBe("cancelled");
    functions.release("slow");
    await completed(old.runWith("dispatched, not started"));
    await new FlowClient(operator, "draining").untilCensus({ completed: 3 });
    const bulks = await new BulkClient(admin).list();
    const replay = bulks.find(({ action }) => action === "replay");
    await admin.advance("PT10S");
    const bulk = await new BulkClient(admin).end(replay?.bulkId ?? "");
    expect(bulk).toMatchObject({ status: "completed", failed: 0 });
    expect(bulk.succeeded).toBeGreaterThan(0);
    expect((await completed(old.run("in a function"))).output).toMatchObject({ slow: 1 });
  });

  it("ends the hold by its schedule, wakes its parked runs and starts its queued records", async () => {
    const flow = new FlowClient(stack.operator, "held");
    expect(await flow.now()).toMatchObject({ status: "paused", holds: [{ reason: "price list" }] });
    await stack.admin.advance("P14DT2M");
    await flow.untilCensus({ completed: 3 });
    expect((await flow.audit())[0]).toMatchObject({ actor: { kind: "schedule" }, to: "active" });
    await completed(old.run("waits for three days"));
  });

  it("controls new runs on its machines in every way", async () => {
    const { admin, operator, functions } = stack;
    const dispatch = (flowId: string, more: JsonObject = {}) =>
      operator.dispatch(flowId, { ...PAYLOAD, ...more });
    const pausedIn = async (flowId: string, at: string): Promise<Run> => {
      const before = functions.count(at);
      functions.block(at);
      const run = await dispatch(flowId);
      await eventually(() => functions.count(at) > before || undefined);
      expect((await operator.act(run.runId, "pause")).status).toBe(200);
      functions.release(at);
      return operator.until(run.runId, ({ parkedAt }) => parkedAt !== undefined);
    };
    for (const [flowId, at] of [
      ["steps", "one"],
      ["branches", "right"],
      ["branches-jsonata", "left"],
      ["deadline", "one"],
    ] as const) {
      const run = await pausedIn(flowId, at);
      expect([flowId, (await operator.act(run.runId, "resume")).status]).toEqual([flowId, 200]);
      await completed(run.runId);
    }
    const cancelled = await pausedIn("branches", "item");
    expect((await operator.act(cancelled.runId, "cancel")).status).toBe(200);
    expect(functions.count("saved")).toBe(0);

    functions.fail("two", "Carrier.Down");
    const failed = await operator.untilStatus((await dispatch("steps")).runId, "failed");
    expect(failed.error).toMatchObject({ error: "Carrier.Down", state: "two" });
    functions.mend("two");
    const replay = await operator.expect<Run>([202], "POST", `/runs/${failed.runId}/replay`, {
      from: "failed-step",
    });
    await completed(replay.runId);
    const told = await operator.untilStatus((await dispatch("branches", { stop: "Told" })).runId, "failed");
    expect(told.error).toMatchObject({ error: "Told", cause: "It was told to", state: "No" });

    functions.block("one");
    const late = await dispatch("deadline");
    await operator.untilStatus(late.runId, "running");
    await admin.advance("P1DT2M");
    expect((await operator.untilStatus(late.runId, "failed")).error?.error).toBe("States.Timeout");
    functions.release("one");

    const bob = await (await stack.as("bob")).dispatch("access", PAYLOAD);
    expect((await completed(bob.runId)).output).toMatchObject({ why: { Error: "Sluice.AccessDenied" } });
    const ann = await (await stack.as("ann")).dispatch("access", PAYLOAD);
    expect((await completed(ann.runId)).output).toMatchObject({ pay: 1, free: 1 });
    expect((await new FlowClient(operator, "access").now()).meters.spend?.used).toBeGreaterThanOrEqual(2.5);
  });

  it("holds and drains a flow without leftovers", async () => {
    const { admin, operator, functions } = stack;
    const flow = new FlowClient(operator, "timed");
    functions.block("two");
    const runs = await flow.dispatchAll([PAYLOAD, PAYLOAD]);
    await flow.untilCensus({ completed: 1, running: 2 });
    expect((await flow.pause()).status).toBe(200);
    functions.release("two");
    await flow.untilCensus({ completed: 1, paused: 2 });
    await flow.dispatch(PAYLOAD);
    expect((await flow.resume()).status).toBe(200);
    await flow.untilCensus({ completed: 4 });
    for (const { runId } of runs) await completed(runId);
    await admin.advance("PT5M");
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });
});
