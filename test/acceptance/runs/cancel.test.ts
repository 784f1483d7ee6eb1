import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers, sdkConfig } from "../../harness/ledger/stored-items.ts";
import { FLOW_KINDS, publishAs } from "../../harness/stack/flow-kinds.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("cancel", () => {
  let stack: TestStack;
  let sfn: SFNClient;
  beforeAll(async () => {
    stack = await testStack("slow", "after", "handler");
    sfn = new SFNClient(sdkConfig(stack.url, "states"));
    stack.functions.block("slow");
    await stack.admin.publish("slow", tasks("slow", "after"));
    await stack.admin.publish("wait", chain({ Wait: { Type: "Wait", Seconds: 3600 }, after: task("after") }));
  });
  afterAll(async () => {
    stack.functions.release("slow");
    sfn.destroy();
    await stack.close();
  });

  const executionStatus = (arn: string | undefined) =>
    eventually(async () => {
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn: arn ?? "" }));
      return status === "RUNNING" ? undefined : status;
    });

  const expectCancelled = async (runId: string, body: JsonObject, reason: string) => {
    expect(body).toMatchObject({ status: "cancelled", cancelReason: reason, allowedActions: [] });
    expect(body["endedAt"]).toBeDefined();
    const steps = await stack.operator.steps(runId);
    for (const step of steps) expect(["completed", "cancelled"]).toContain(step.status);
    return steps;
  };

  it("ends a running run immediately, stops its execution, cancels its open step and keeps the reason", async () => {
    const { runId } = await stack.operator.dispatch("slow", {});
    await stack.operator.untilStatus(runId, "running");
    const answer = await stack.operator.act(runId, "cancel", { reason: "duplicate order" });
    expect(answer.status).toBe(200);
    const steps = await expectCancelled(runId, answer.body, "duplicate order");
    expect(steps.map((step) => [step.name, step.status])).toEqual([["slow", "cancelled"]]);
    expect(await executionStatus((await stack.operator.run(runId)).executionArn)).toBe("ABORTED");
  });

  it("ends a paused and parked run, and deletes its park", async () => {
    stack.functions.release("slow");
    await stack.admin.publish("parked", tasks("after", "slow"));
    stack.functions.block("after");
    const after = stack.functions.count("after");
    const { runId } = await stack.operator.dispatch("parked", {});
    await eventually(() => stack.functions.count("after") > after || undefined);
    await stack.operator.act(runId, "pause");
    stack.functions.release("after");
    await stack.operator.until(runId, (run) => run.parkedAt !== undefined);
    const answer = await stack.operator.act(runId, "cancel");
    await expectCancelled(runId, answer.body, "Cancelled by user");
    expect(await executionStatus((await stack.operator.run(runId)).executionArn)).toBe("ABORTED");
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
    stack.functions.block("slow");
  });

  it("ends a waiting run", async () => {
    const { runId } = await stack.operator.dispatch("wait", {});
    await stack.operator.untilStatus(runId, "waiting");
    const answer = await stack.operator.act(runId, "cancel");
    const steps = await expectCancelled(runId, answer.body, "Cancelled by user");
    expect(steps.map((step) => [step.name, step.status])).toEqual([["Wait", "cancelled"]]);
    const calls = stack.functions.count("after");
    await stack.admin.advance("PT2H");
    expect((await stack.operator.run(runId)).status).toBe("cancelled");
    expect(stack.functions.count("after")).toBe(calls);
  });

  it.each(FLOW_KINDS)(
    "race 10: ends a pending run that never started, and leaves no execution (%s flow)",
    async (kind) => {
      const flowId = `unstarted-${kind}`;
      await publishAs(kind, stack, flowId, tasks("slow", "after"));
      await stack.admin.call("POST", "/local/faults", {
        service: "states",
        operation: "StartExecution",
        when: "before",
        times: 1000,
      });
      const { runId } = await stack.operator.dispatch(flowId, { tag: "never" });
      const answer = await stack.operator.act(runId, "cancel");
      await expectCancelled(runId, answer.body, "Cancelled by user");
      await stack.admin.call("DELETE", "/local/faults");
      await stack.admin.advance("PT10M");
      expect((await stack.operator.run(runId)).status).toBe("cancelled");
      expect(stack.functions.calls("slow").some((call) => JSON.stringify(call.event).includes("never"))).toBe(
        false,
      );
      await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
    },
  );

  it("race 30: does not run a handler for States.ALL of the Parallel around the step", async () => {
    await stack.admin.publish("guarded", {
      StartAt: "Both",
      States: {
        Both: {
          Type: "Parallel",
          Branches: [
            tasks("slow", "after"),
            chain({ Pause: { Type: "Wait", Seconds: 3600 }, late: task("after") }),
          ],
          Retry: [{ ErrorEquals: ["States.ALL"], MaxAttempts: 3, IntervalSeconds: 1 }],
          Catch: [{ ErrorEquals: ["States.ALL"], Next: "Handle" }],
          Next: "Done",
        },
        Handle: task("handler", { End: true }),
        Done: { Type: "Succeed" },
      },
    });
    const after = stack.functions.count("after");
    const slow = stack.functions.count("slow");
    const { runId } = await stack.operator.dispatch("guarded", {});
    await eventually(() => stack.functions.count("slow") === slow + 1 || undefined);
    // StopExecution fails for as long as the step takes, so the next gate's park has to end it: the harder way.
    await stack.admin.call("POST", "/local/faults", {
      service: "states",
      operation: "StopExecution",
      when: "before",
      times: 1000,
    });
    expect((await stack.operator.act(runId, "cancel")).status).toBe(200);
    await stack.admin.expect([200], "DELETE", "/local/usage");
    const parksAsked = async () =>
      (await stack.admin.expect<UsageReport>([200], "GET", "/local/usage")).lambdaInvocations[
        "sluice-park"
      ] ?? 0;
    stack.functions.release("slow");
    await eventually(async () => (await parksAsked()) > 0 || undefined);
    await stack.admin.advance("PT2H");
    expect(stack.functions.count("after")).toBe(after);
    await stack.admin.call("DELETE", "/local/faults");
    await stack.admin.advance("PT10M");
    expect(await executionStatus((await stack.operator.run(runId)).executionArn)).toBe("ABORTED");
    expect((await stack.operator.run(runId)).status).toBe("cancelled");
    expect(stack.functions.count("handler")).toBe(0);
    expect(stack.functions.count("slow")).toBe(slow + 1);
    expect(stack.functions.count("after")).toBe(after);
    stack.functions.block("slow");
  });
});
