import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { HoldObserver } from "../../harness/ledger/hold-observer.ts";
import { runOf, Team } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const SECONDS = 60;

describe("a pause that lets runs finish", { timeout: 120_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    await stack.admin.publish("orders", tasks("one", "two"));
    await stack.admin.publish("late", tasks("one", "two"));
  });
  afterAll(() => stack.close());

  const flow = (flowId: string) => new FlowClient(stack.operator, flowId);
  const records = (count: number) => Array.from({ length: count }, (_, n) => ({ n }));

  /** Starts runs, and waits until all are in their first step. */
  const inStepOne = async (start: () => Promise<unknown>, count: number): Promise<void> => {
    const before = stack.functions.count("one");
    stack.functions.block("one");
    await start();
    await eventually(() => stack.functions.count("one") === before + count || undefined, SECONDS);
  };

  it("ends the 50 runs under way and queues 20 new ones, which a resume starts", async () => {
    await inStepOne(() => flow("orders").dispatchAll(records(50)), 50);
    const { status, body } = await flow("orders").pause({ mode: "finish", finishWithin: "PT2H" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ status: "paused", mode: "finish" },
      holds: [{ kind: "manual", mode: "finish", finishUntil: expect.any(String) }],
    });
    await flow("orders").dispatchAll(records(20));
    stack.functions.release("one");
    await flow("orders").untilCensus({ completed: 50, pending: 20 }, SECONDS);
    expect(await flow("orders").now()).toMatchObject({ status: "paused", queued: 20, inFlight: 0 });
    expect((await flow("orders").resume()).status).toBe(200);
    await flow("orders").untilCensus({ completed: 70 }, SECONDS);
    expect(stack.functions.count("two")).toBe(70);
  });

  it("stops what is left at the deadline, and says so", async () => {
    const two = stack.functions.count("two");
    await inStepOne(() => flow("late").dispatchAll(records(3)), 3);
    await flow("late").pause({ mode: "finish", finishWithin: "PT1H" });
    await stack.admin.advance("PT61M");
    stack.functions.release("one");
    await flow("late").untilCensus({ paused: 3 }, SECONDS);
    expect(stack.functions.count("two")).toBe(two);
    const [run] = await flow("late").runs();
    const { holds } = await flow("late").now();
    expect(run?.pausedBy).toMatchObject({ kind: "flow", holdIds: [holds[0]?.holdId] });
    expect((await flow("late").audit())[0]).toMatchObject({ action: "freeze", actor: { kind: "system" } });
    await flow("late").resume();
    await flow("late").untilCensus({ completed: 3 }, SECONDS);
  });

  it("lets executions of an attached flow finish, and stops new ones at their first gate", async () => {
    const machine = await new Team(stack.url).create("attached", tasks("one", "two"));
    const attach = { stateMachineArn: machine.arn };
    await stack.admin.expect([200], "POST", "/flows/attached/attach", attach);
    let begun = "";
    await inStepOne(async () => {
      begun = await machine.start({ n: 1 });
    }, 1);
    await flow("attached").pause({ mode: "finish" });
    const late = await machine.start({ n: 2 });
    const { runId } = await eventually(() => runOf(stack.operator, late).catch(() => undefined));
    await stack.operator.untilStatus(runId, "paused");
    stack.functions.release("one");
    expect(await machine.ended(begun)).toMatchObject({ status: "SUCCEEDED" });
    await flow("attached").untilCensus({ completed: 1, paused: 1 }, SECONDS);
    await flow("attached").resume();
    expect(await machine.ended(late)).toMatchObject({ status: "SUCCEEDED" });
  });
});

describe("a pause planned for tomorrow", { timeout: 60_000 }, () => {
  let stack: TestStack;
  let seen: HoldObserver;
  beforeAll(async () => {
    stack = await testStack("one");
    seen = new HoldObserver(stack.url);
    await stack.admin.publish("plans", tasks("one"));
  });
  afterAll(async () => {
    seen.close();
    await stack.close();
  });

  const plans = () => new FlowClient(stack.operator, "plans");
  const inHours = async (hours: number): Promise<string> => {
    const { now } = await stack.admin.expect<{ now: string }>([200], "GET", "/local/clock");
    return new Date(Date.parse(now) + hours * 3_600_000).toISOString();
  };
  const cancel = () => stack.operator.call("DELETE", "/flows/plans/scheduled-pause");

  it("is held in time, also if its schedule is lost", async () => {
    const startAt = await inHours(24);
    expect((await plans().pause({ startAt, reason: "upgrade" })).body).toMatchObject({
      ...{ status: "active", holds: [] },
      scheduledPause: { startAt, by: "operator", reason: "upgrade" },
    });
    await seen.suppress();
    await stack.admin.advance("PT23H59M");
    expect((await plans().now()).status).toBe("active");
    await stack.admin.advance("PT2M");
    const begun = await plans().until(({ status }) => status === "paused");
    expect(begun.scheduledPause).toBeUndefined();
    expect(begun.holds[0]).toMatchObject({ by: "operator", reason: "upgrade" });
    expect((await plans().dispatch({})).queued).toBe(true);
    await plans().resume();
  });

  it("does nothing after it is cancelled", async () => {
    await plans().pause({ startAt: await inHours(24) });
    expect((await cancel()).status).toBe(204);
    expect((await cancel()).status).toBe(404);
    await stack.admin.advance("P2D");
    expect((await plans().now()).status).toBe("active");
    const actions = (await plans().audit()).map(({ action }) => action);
    expect(actions.slice(0, 2)).toEqual(["cancel-pause", "plan-pause"]);
  });
});
