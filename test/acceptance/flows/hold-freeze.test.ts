import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const APPROVAL = {
  Type: "Task",
  Resource: "arn:sluice:::approval",
  Parameters: { Title: "Ship it?" },
  ResultPath: "$.answer",
};

describe("a flow that is paused while runs are in progress", { timeout: 120_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one", "two", "last", "saved");
    const { admin } = stack;
    await admin.publish("steps", tasks("one", "two"));
    await admin.publish("few", tasks("one", "two"));
    await admin.publish("wait", chain({ Wait: { Type: "Wait", Seconds: 3_600 }, last: task("last") }));
    await admin.publish("approve", chain({ Approve: APPROVAL, last: task("last") }));
    await admin.publish("ends", tasks("last"));
    await admin.publish("limit", chain({ last: task("last", { TimeoutSeconds: 5 }) }));
    await admin.publish("caught", {
      StartAt: "last",
      States: {
        last: task("last", {
          Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next: "saved" }],
          End: true,
        }),
        saved: task("saved", { End: true }),
      },
    });
  });
  afterAll(() => stack.close());

  const flow = (flowId: string) => new FlowClient(stack.operator, flowId);
  const usage = () => stack.admin.expect<UsageReport>([200], "GET", "/local/usage");

  /** Starts runs, pauses the flow during their first step, and returns the usage of the pause. */
  const pausedWith = async (flowId: string, runs: number) => {
    const before = stack.functions.count("one");
    stack.functions.block("one");
    await flow(flowId).dispatchAll(Array.from({ length: runs }, (_, i) => ({ flowId, i })));
    await eventually(() => stack.functions.count("one") === before + runs || undefined, 30);
    await stack.admin.expect([200], "DELETE", "/local/usage");
    expect((await flow(flowId).pause({ reason: "bad price list" })).status).toBe(200);
    const { dynamodb, scheduler, stepFunctions, stateTransitions } = await usage();
    return {
      calls: dynamodb.calls,
      writeUnits: dynamodb.writeUnits,
      scheduler,
      stepFunctions,
      stateTransitions,
    };
  };

  it("stops each of 50 runs at its next step, with as few calls as for 5", async () => {
    const five = await pausedWith("few", 5);
    stack.functions.release("one");
    await flow("few").untilCensus({ paused: 5 });
    const fifty = await pausedWith("steps", 50);
    expect(fifty).toEqual(five);
    expect(fifty.calls).toBeLessThan(10);
    expect(fifty.stepFunctions).toEqual({});

    await eventually(async () => (await flow("steps").now()).inFlight === 50 || undefined);
    stack.functions.release("one");
    await flow("steps").untilCensus({ paused: 50 });
    for (const run of await flow("steps").runs()) expect(run.pausedBy?.kind).toBe("flow");
    await eventually(async () => (await flow("steps").now()).inFlight === 0 || undefined);
    const calls = stack.functions.calls().length;
    // Real time on purpose: only waiting for a while shows that nothing happens.
    await delay(500);
    expect(stack.functions.calls()).toHaveLength(calls);
    expect(stack.functions.count("two")).toBe(0);

    for (const flowId of ["few", "steps"]) expect((await flow(flowId).resume()).status).toBe(200);
    await stack.admin.advance("PT1M");
    await flow("steps").untilCensus({ completed: 50 });
    await flow("few").untilCensus({ completed: 5 });
    for (const name of ["one", "two"]) expect([name, stack.functions.count(name)]).toEqual([name, 55]);
    await stack.admin.advance("PT2M");
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
    expect((await flow("steps").now()).draining).toBeNull();
  });

  it("shows its holds, their ends and the refused actions", async () => {
    const { runId } = await flow("wait").dispatch({});
    await stack.operator.untilStatus(runId, "waiting");
    const { rev } = await flow("wait").now();
    const paused = await flow("wait").pause({ reason: "stocktaking" });
    expect(paused.headers.get("etag")).toBe(`"${rev + 1}"`);
    expect(paused.body).toMatchObject({
      status: "paused",
      mode: "queue",
      rev: rev + 1,
      holds: [{ kind: "manual", by: "operator", reason: "stocktaking" }],
    });
    const [hold] = (await flow("wait").now()).holds;
    expect(Date.parse(hold?.resumeAt ?? "") - Date.parse(hold?.since ?? "")).toBe(14 * 86_400_000);

    const again = await flow("wait").pause({ resumeAt: hold?.resumeAt ?? "" });
    expect(again.status).toBe(409);
    expect(again.body).toMatchObject({ code: "action_not_allowed", currentStatus: "paused" });
    expect((await flow("wait").now()).holds[0]).toEqual(hold);

    expect((await flow("wait").resume({ reason: "counted" })).status).toBe(200);
    const unheld = await flow("wait").resume();
    expect(unheld.status).toBe(409);
    expect(unheld.body).toMatchObject({ code: "action_not_allowed", currentStatus: "active" });
    const changes = (await flow("wait").audit())
      .filter((item) => item.rev > rev)
      .toSorted((a, b) => a.rev - b.rev);
    expect(changes.map(({ actor, from, to, reason }) => ({ actor, from, to, reason }))).toEqual([
      { actor: { kind: "user", id: "operator" }, from: "active", to: "paused", reason: "stocktaking" },
      { actor: { kind: "user", id: "operator" }, from: "paused", to: "active", reason: "counted" },
    ]);
  });

  it("leaves waiting runs waiting; their timers and answers count, and they stop at the next step", async () => {
    const before = stack.functions.count("last");
    const timer = await flow("wait").dispatch({ kind: "timer" });
    const answer = await flow("approve").dispatch({ kind: "answer" });
    await stack.operator.untilStatus(timer.runId, "waiting");
    const waiting = await stack.operator.untilStatus(answer.runId, "waiting");
    for (const flowId of ["wait", "approve"]) expect((await flow(flowId).pause()).status).toBe(200);
    await stack.admin.advance("PT10M");
    for (const { runId } of [timer, answer]) {
      const run = await stack.operator.run(runId);
      expect(run.status).toBe("waiting");
      expect((await stack.operator.act(runId, "pause")).status).toBe(409);
    }

    const answered = await stack.operator.call(
      "POST",
      `/runs/${answer.runId}/steps/${waiting.waitingOn?.stepId}/complete`,
      { decision: "approved", comment: "while held" },
    );
    expect(answered.status).toBe(200);
    await stack.admin.advance("PT1H");
    for (const { runId } of [timer, answer]) {
      const run = await stack.operator.untilStatus(runId, "paused");
      expect(run.pausedBy?.kind).toBe("flow");
      const resumed = await stack.operator.act(runId, "resume");
      expect(resumed.status).toBe(409);
      expect(resumed.body["code"]).toBe("flow_held");
    }
    expect(stack.functions.count("last")).toBe(before);

    for (const flowId of ["wait", "approve"]) expect((await flow(flowId).resume()).status).toBe(200);
    await stack.admin.advance("PT1M");
    await stack.operator.untilStatus(timer.runId, "completed");
    const done = await stack.operator.untilStatus(answer.runId, "completed");
    expect(done.output).toMatchObject({
      answer: { decision: "approved", comment: "while held", by: "operator" },
    });
  });

  /** A run of one step, held while that step is in progress. */
  const heldInLastStep = async (flowId: string) => {
    const before = stack.functions.count("last");
    stack.functions.block("last");
    const { runId } = await flow(flowId).dispatch({ flowId });
    await eventually(() => stack.functions.count("last") === before + 1 || undefined);
    expect((await flow(flowId).pause()).status).toBe(200);
    await eventually(async () => (await flow(flowId).now()).inFlight === 1 || undefined);
    return runId;
  };
  const unblock = () => {
    stack.functions.release("last");
    stack.functions.mend("last");
  };
  const resumed = async (flowId: string) => {
    await eventually(async () => (await flow(flowId).now()).inFlight === 0 || undefined);
    expect((await flow(flowId).resume()).status).toBe(200);
    await stack.admin.advance("PT2M");
    expect(await leftovers(stack.url)).toEqual([]);
  };

  it("completes a run whose last step finishes", async () => {
    const runId = await heldInLastStep("ends");
    unblock();
    const run = await stack.operator.untilStatus(runId, "completed");
    expect(run.output).toEqual({ flowId: "ends", last: 1 });
    await resumed("ends");
  });

  it("fails a run whose last step fails", async () => {
    const runId = await heldInLastStep("ends");
    stack.functions.fail("last", "Broken");
    stack.functions.release("last");
    const run = await stack.operator.untilStatus(runId, "failed");
    expect(run.error).toMatchObject({ error: "Broken", state: "last" });
    unblock();
    await resumed("ends");
  });

  it("fails a run whose last step times out", async () => {
    const runId = await heldInLastStep("limit");
    await stack.admin.advance("PT6S");
    const run = await stack.operator.untilStatus(runId, "failed");
    expect(run.error).toMatchObject({ error: "States.Timeout" });
    unblock();
    await resumed("limit");
  });

  it("stops a run whose step failed before the step that its Catch names", async () => {
    const runId = await heldInLastStep("caught");
    stack.functions.fail("last", "Broken");
    stack.functions.release("last");
    const run = await stack.operator.untilStatus(runId, "paused");
    expect(run.pausedBy?.kind).toBe("flow");
    expect(stack.functions.count("saved")).toBe(0);
    unblock();
    await resumed("caught");
    await stack.operator.untilStatus(runId, "completed");
    expect(stack.functions.count("saved")).toBe(1);
  });
});
