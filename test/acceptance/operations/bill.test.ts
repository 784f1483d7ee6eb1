import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lambdaFlow } from "../../bench/flows.ts";
import { usageOf, type WorkUsage } from "../../bench/run-usage.ts";
import { eventually } from "../../harness/clients/client.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";
import { EVENTS_A_RUN, transitionsOf, unitsInAll } from "../../scale/limits.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack("work");
  for (const steps of [2, 12]) await stack.admin.publish(`steps-${steps}`, lambdaFlow(steps, "work"));
});
afterAll(() => stack.close());

const run = (flowId: string): Promise<WorkUsage> =>
  usageOf(stack.admin, async () => {
    const { runId } = await stack.admin.dispatch(flowId, {});
    await stack.admin.untilStatus(runId, "completed");
  });
/** The first run of a flow begins its meter and reads its machine version; reading the run in the meantime costs units too. */
const second = async (flowId: string): Promise<WorkUsage> => {
  await run(flowId);
  return run(flowId);
};

describe("the bill of a run", () => {
  let few: WorkUsage;
  let many: WorkUsage;
  beforeAll(async () => {
    few = await second("steps-2");
    many = await second("steps-12");
  });

  it("is at most two transitions per step, plus two", () => {
    expect(few.transitions).toBeLessThanOrEqual(2 * 2 + 2);
    expect(many.transitions).toBeLessThanOrEqual(2 * 12 + 2);
  });

  it("is at most three write units, indexes included, and one read unit per step", () => {
    expect((many.writeUnits - few.writeUnits) / 10).toBeLessThanOrEqual(3);
    const gates = (used: WorkUsage) => used.invocations["sluice-gate"] ?? 0;
    expect(gates(many) - gates(few)).toBe(10);
    // Three calls: one reads the flow's hold, two write the run and the step.
    expect(((many.calls["sluice-gate"] ?? 0) - (few.calls["sluice-gate"] ?? 0)) / 10).toBe(3);
  });

  it("is at most eighteen write units for its start and its end", () => {
    expect(many.writeUnits - 12 * ((many.writeUnits - few.writeUnits) / 10)).toBeLessThanOrEqual(18);
  });

  it("is what docs/deploy/scaling.md assumes", () => {
    for (const [steps, used] of [
      [2, few],
      [12, many],
    ] as const) {
      expect({ read: used.readUnits, write: used.writeUnits }).toEqual(unitsInAll(steps));
      expect(used.transitions).toBe(transitionsOf(steps));
      expect(used.events).toBe(EVENTS_A_RUN);
    }
  });

  it("is one StartExecution, no schedule and one event per status change", () => {
    expect(many.stepFunctions).toEqual({ StartExecution: 1 });
    expect(many.scheduler).toEqual({});
    expect(many.events).toBe(3);
  });
});

describe("the bill of a run in a flow with a concurrency limit is what the simulation assumes", () => {
  const limited = "limited";
  const entry = { key: "k", isFirst: false };
  /** One run with a slot, and as many that wait for it. */
  const waiting = (count: number) =>
    usageOf(stack.admin, async () => {
      const begun = stack.functions.count("work");
      stack.functions.block("work");
      const runs = [await stack.admin.dispatch(limited, {})];
      await eventually(() => stack.functions.count("work") > begun);
      for (let i = 0; i < count; i += 1) runs.push(await stack.admin.dispatch(limited, {}));
      stack.functions.release("work");
      for (const { runId } of runs) await stack.admin.untilStatus(runId, "completed");
    });
  beforeAll(async () => {
    await stack.admin.publish(limited, lambdaFlow(2, "work"));
    await stack.admin.expect([200], "PUT", `/flows/${limited}/caps`, { concurrency: { limit: 1 } });
    await run(limited);
  });

  it("for a free slot", async () => {
    // Once a minute, a claim also moves the key in the index of what is due.
    const [first, ...more] = [await run(limited), await run(limited), await run(limited)] as const;
    const least = more.reduce((found, used) => (used.writeUnits < found.writeUnits ? used : found), first);
    expect({ read: least.readUnits, write: least.writeUnits }).toEqual(
      unitsInAll(2, { ...entry, waits: false }),
    );
  });

  it("for each record that waits", async () => {
    const [two, five] = [await waiting(2), await waiting(5)];
    const simulated = unitsInAll(2, { ...entry, waits: true });
    expect((five.readUnits - two.readUnits) / 3).toBe(simulated.read);
    // Windows of a minute may begin in one of the two.
    expect(Math.abs((five.writeUnits - two.writeUnits) / 3 - simulated.write)).toBeLessThanOrEqual(1);
  });
});

/** Reads lists, since a reader of the run itself may store that it is parked, before the gate does. */
const parked = (runId: string) =>
  eventually(async () => {
    const { items } = await stack.admin.api.listRuns({ query: { flowId: "steps-2", status: "paused" } });
    return items.some((run) => run.runId === runId && run.parkedAt !== undefined) || undefined;
  });

it("a pause and a resume add fourteen write units, two transitions and a fixed number of calls", async () => {
  const plain = await second("steps-2");
  const pausing = () =>
    usageOf(stack.admin, async () => {
      const begun = stack.functions.count("work");
      stack.functions.block("work");
      const { runId } = await stack.admin.dispatch("steps-2", {});
      await eventually(() => stack.functions.count("work") > begun);
      expect((await stack.admin.act(runId, "pause")).status).toBe(200);
      stack.functions.release("work");
      await parked(runId);
      expect((await stack.admin.act(runId, "resume")).status).toBe(200);
      await stack.admin.untilStatus(runId, "completed");
    });
  await pausing(); // the first resume reads the version's requirements
  const paused = await pausing();
  expect(paused.writeUnits - plain.writeUnits).toBe(14);
  expect(paused.transitions - plain.transitions).toBe(2);
  const added = (name: string) => (paused.calls[name] ?? 0) - (plain.calls[name] ?? 0);
  // The gate that finds the pause reads the hold and tries its write; when it is woken, it asks like any other.
  expect(added("sluice-gate")).toBe(2);
  // The pause: the member, the run with its payload, the write. The resume: also the parks, the token, and what ends the wake.
  expect(added("sluice-control")).toBe(10);
  expect(added("sluice-park")).toBe(7);
  expect(paused.events - plain.events).toBe(2);
});

it("a resume during a step, and the end after it, query no parks", async () => {
  const begun = stack.functions.count("work");
  stack.functions.block("work");
  const { runId } = await stack.admin.dispatch("steps-2", {});
  await eventually(() => stack.functions.count("work") > begun);
  const used = await usageOf(stack.admin, async () => {
    expect((await stack.admin.act(runId, "pause")).status).toBe(200);
    expect((await stack.admin.act(runId, "resume")).status).toBe(200);
  });
  // Each: the member, the run with its payload, the write.
  expect(used.calls["sluice-control"]).toBe(6);
  stack.functions.release("work");
  await stack.admin.untilStatus(runId, "completed");
});
