import { CreateScheduleCommand, type GetScheduleOutput } from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient, stackTime } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { HoldObserver } from "../../harness/ledger/hold-observer.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { FLOW_KINDS, publishAs } from "../../harness/stack/flow-kinds.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

describe("each hold has its own identity", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let seen: HoldObserver;
  beforeAll(async () => {
    // The failures are injected, so what the handlers log about them is noise.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "CRITICAL");
    stack = await testStack("one");
    seen = new HoldObserver(stack.url);
    for (const flowId of ["hand-and-cap", "stopped", "faults"])
      await stack.admin.publish(flowId, tasks("one"));
    for (const kind of FLOW_KINDS)
      for (const name of ["stale", "two-pauses", "two-resumes"])
        await publishAs(kind, stack, `${name}-${kind}`, tasks("one"));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    seen.close();
    await stack.close();
  });
  const flow = (flowId: string) => new FlowClient(stack.operator, flowId);

  /** The schedules that name one flow. */
  const schedulesOf = async (flowId: string): Promise<GetScheduleOutput[]> =>
    (await seen.schedules()).filter(({ Target }) => Target?.Input?.includes(`"${flowId}"`));

  it.each(FLOW_KINDS)(
    "race 07: the schedule of the first pause, delivered late and twice, does not end the second (%s flow)",
    async (kind) => {
      const flowId = `stale-${kind}`;
      await flow(flowId).pause({ reason: "first" });
      const [first] = await schedulesOf(flowId);
      expect(first?.ActionAfterCompletion).toBe("DELETE");
      await flow(flowId).resume();
      expect(await schedulesOf(flowId)).toEqual([]);
      await flow(flowId).pause({ reason: "second" });
      const before = await flow(flowId).now();

      const at = new Date((await stackTime(stack.admin)) + 60_000).toISOString().slice(0, 19);
      for (const Name of [`late-1-${kind}`, `late-2-${kind}`]) {
        await seen.scheduler.send(
          new CreateScheduleCommand({
            GroupName: first?.GroupName,
            Name,
            ScheduleExpression: `at(${at})`,
            ActionAfterCompletion: "DELETE",
            FlexibleTimeWindow: { Mode: "OFF" },
            Target: first?.Target,
          }),
        );
      }
      await stack.admin.advance("P1D");
      expect(await seen.schedules("late-")).toEqual([]);
      expect(await flow(flowId).now()).toEqual({ ...before, meters: expect.anything() });

      await stack.admin.advance("P13D");
      await flow(flowId).until((now) => now.status === "active");
    },
  );

  it("race 18: a cap's hold does not delay the end of a user's pause", async () => {
    await stack.admin.expect([200], "PUT", "/flows/hand-and-cap/caps", {
      throughput: { limit: 1, per: "day" },
    });
    await flow("hand-and-cap").dispatch({});
    await flow("hand-and-cap").pause({
      resumeAt: new Date((await stackTime(stack.admin)) + 3_600_000).toISOString(),
    });
    await flow("hand-and-cap").dispatch({});
    const both = await flow("hand-and-cap").until((now) => now.holds.length === 2);
    expect(both.status).toBe("paused_safety");
    expect(both.holds.map(({ kind }) => kind).toSorted()).toEqual(["manual", "throughput"]);

    await stack.admin.advance("PT1H1M");
    const capped = await flow("hand-and-cap").until((now) => now.holds.length === 1);
    expect(capped).toMatchObject({ status: "paused_safety", holds: [{ kind: "throughput" }] });
    await stack.admin.advance("P14D");
    await flow("hand-and-cap").until((now) => now.status === "active");
  });

  it.each(FLOW_KINDS)(
    "race 07: two concurrent pauses make one hold, which has the remaining schedule (%s flow)",
    async (kind) => {
      const flowId = `two-pauses-${kind}`;
      const answers = await Promise.all(Array.from({ length: 6 }, () => flow(flowId).pause()));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
      for (const { status, body } of answers) {
        if (status === 409) expect(["action_not_allowed", "state_changed"]).toContain(body["code"]);
      }
      const { holds } = await seen.flowItem(flowId);
      const schedules = await schedulesOf(flowId);
      expect(schedules).toHaveLength(1);
      expect(schedules[0]?.Name).toBe(`hold-${holds["manual"]?.id}`);
      await stack.admin.advance("P14DT1M");
      await flow(flowId).until((now) => now.status === "active");
    },
  );

  it.each(FLOW_KINDS)("race 16: two concurrent resumes start one drain (%s flow)", async (kind) => {
    const flowId = `two-resumes-${kind}`;
    await flow(flowId).pause();
    const runs = await flow(flowId).dispatchAll([{ i: 1 }, { i: 2 }]);
    const answers = await Promise.all(Array.from({ length: 6 }, () => flow(flowId).resume()));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
    const { incarnation } = await seen.flowItem(flowId);
    const drains = async () => (await seen.drains()).filter(({ name }) => name?.startsWith(incarnation));
    await eventually(async () => (await drains()).length > 0 || undefined);
    await stack.admin.advance("PT5M");
    expect(await drains()).toHaveLength(1);
    for (const { runId } of runs) await stack.operator.untilStatus(runId, "completed");
  });

  it("a drain that is stopped from outside continues under another name", async () => {
    const before = stack.functions.count("one");
    await flow("stopped").pause();
    await flow("stopped").dispatchAll(Array.from({ length: 12 }, (_, i) => ({ i })));
    await flow("stopped").resume({ drainRate: 2 });
    const { incarnation } = await seen.flowItem("stopped");
    const drains = async () => (await seen.drains()).filter(({ name }) => name?.startsWith(incarnation));
    await eventually(() => stack.functions.count("one") > before || undefined);
    const [drain] = await drains();
    await seen.stop(drain?.executionArn);
    await stack.admin.advance("PT10M");
    await flow("stopped").untilCensus({ completed: 12 });
    expect(stack.functions.count("one")).toBe(before + 12);
    const names = (await drains()).map(({ name }) => name);
    expect(names.length).toBeGreaterThanOrEqual(2);
    expect(new Set(names).size).toBe(names.length);
    await stack.admin.advance("PT5M");
    expect(await leftovers(stack.url)).toEqual([]);
    expect((await flow("stopped").now()).draining).toBeNull();
  });

  const FAULTS = (["before", "after"] as const).flatMap((when) =>
    [undefined, "ConnectionReset", "InternalServerException", "ThrottlingException"].map((error) => ({
      when,
      error,
    })),
  );
  for (const { when, error } of FAULTS) {
    for (const times of [1, 20]) {
      it(`CreateSchedule fails ${times} times ${when} it takes effect (${error ?? "no retry"}): never held without a schedule`, async () => {
        await stack.admin.expect([200], "POST", "/local/faults", {
          ...{ service: "scheduler", operation: "CreateSchedule", when, times },
          ...(error === undefined ? {} : { error }),
        });
        const answer = await flow("faults").pause();
        await stack.admin.expect([200], "DELETE", "/local/faults");
        const now = await flow("faults").now();
        if (answer.status !== 200) {
          expect(answer.status).toBeGreaterThanOrEqual(500);
          expect(now.status).toBe("active");
          expect(now.holds).toEqual([]);
          return;
        }
        expect(now.status).toBe("paused");
        const { holds } = await seen.flowItem("faults");
        expect((await schedulesOf("faults")).map(({ Name }) => Name)).toContain(
          `hold-${holds["manual"]?.id}`,
        );
        expect((await flow("faults").resume()).status).toBe(200);
      });
    }
  }

  it("a write that fails or loses its answer leaves no hold without a schedule", async () => {
    for (const when of ["before", "after"]) {
      for (const error of ["InjectedFault", "ConnectionReset", "InternalServerError"]) {
        await stack.admin.expect([200], "POST", "/local/faults", {
          ...{ service: "dynamodb", operation: "TransactWriteItems", when, times: 20, error },
        });
        const answer = await flow("faults").pause();
        await stack.admin.expect([200], "DELETE", "/local/faults");
        const now = await flow("faults").now();
        expect([when, error, now.status]).toEqual([when, error, answer.status === 200 ? "paused" : "active"]);
        if (answer.status !== 200) continue;
        const { holds } = await seen.flowItem("faults");
        expect((await schedulesOf("faults")).map(({ Name }) => Name)).toContain(
          `hold-${holds["manual"]?.id}`,
        );
        expect((await flow("faults").resume()).status).toBe(200);
      }
    }
  });
});
