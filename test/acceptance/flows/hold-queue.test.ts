import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { UsageReport } from "../../../local/metering/usage.ts";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient, stackTime } from "../../harness/clients/flow-client.ts";
import { tasks } from "../../harness/definitions.ts";
import { HoldObserver } from "../../harness/ledger/hold-observer.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const NAMES = ["one", "two"];
/** For more: `QUEUED_RECORDS=1000 UNDER_WAY=50 npx vitest run test/acceptance/flows/hold-queue.test.ts`. */
const numbers = (queued: number, underWay: number) => ({
  queued: Number(process.env["QUEUED_RECORDS"] ?? queued),
  underWay: Number(process.env["UNDER_WAY"] ?? underWay),
});
const { queued: QUEUED, underWay: UNDER_WAY } = numbers(40, 20);
/** Local default of the drain, runs per second. */
const DRAIN_RATE = 50;
const BATCH = 100;
const HOUR = 3_600_000;
const KEY = { "Idempotency-Key": "queued-once" };

describe("records for a held flow", { timeout: 120_000 }, () => {
  let stack: TestStack;
  let seen: HoldObserver;
  beforeAll(async () => {
    stack = await testStack(...NAMES);
    seen = new HoldObserver(stack.url);
    for (const flowId of ["orders", "unscheduled", "hour", "control", "halves", "reject"]) {
      await stack.admin.publish(flowId, tasks(...NAMES));
    }
  });
  afterAll(async () => {
    seen.close();
    await stack.close();
  });

  const flow = (flowId: string) => new FlowClient(stack.operator, flowId);
  const records = (flowId: string, count: number, from = 0) =>
    Array.from({ length: count }, (_, i) => ({ flowId, i: from + i }));

  /** The numbers of a flow's records in the order in which their first step began. */
  const starts = (flowId: string): number[] =>
    stack.functions
      .calls("one")
      .filter(({ at }) => at === "begin")
      .map(({ event }) => event as { flowId: string; i: number })
      .filter((event) => event.flowId === flowId)
      .map(({ i }) => i);

  const expectOnceEach = (flowId: string, count: number) => {
    for (const name of NAMES) {
      const seenOf = new Map<number, number>();
      for (const { at, event } of stack.functions.calls(name)) {
        const record = event as { flowId: string; i: number };
        if (at === "begin" && record.flowId === flowId) seenOf.set(record.i, (seenOf.get(record.i) ?? 0) + 1);
      }
      expect([name, seenOf.size]).toEqual([name, count]);
      expect([name, [...seenOf].filter(([, times]) => times !== 1)]).toEqual([name, []]);
    }
  };

  /** `underWay` runs in their first step, the flow paused, then `queued` records behind them. */
  const heldWith = async (flowId: string, underWay: number, queued: number) => {
    const before = stack.functions.count("one");
    stack.functions.block("one");
    await flow(flowId).dispatchAll(records(flowId, underWay));
    await eventually(() => stack.functions.count("one") === before + underWay || undefined);
    expect((await flow(flowId).pause()).status).toBe(200);
    stack.functions.release("one");
    await flow(flowId).untilCensus({ paused: underWay });
    await stack.admin.expect([200], "DELETE", "/local/usage");
    const runs = await flow(flowId).dispatchAll(records(flowId, queued, underWay));
    for (const { status, queued, executionArn } of runs)
      expect({ status, queued, executionArn }).toEqual({ status: "pending", queued: true });
    const usage = await stack.admin.expect<UsageReport>([200], "GET", "/local/usage");
    expect(usage.stepFunctions["StartExecution"]).toBeUndefined();
    await flow(flowId).until((now) => now.queued === queued);
    return runs;
  };

  it("wait until the hold ends after 14 days, then all complete once, in order", async () => {
    await heldWith("orders", UNDER_WAY, QUEUED);
    // The schedule fires at a whole second, the sweeper at any moment: with a shorter time, either may be first.
    await stack.admin.advance("P14DT1S");
    const active = await flow("orders").until((now) => now.status === "active");
    expect(active.holds).toEqual([]);
    await stack.admin.advance("PT5M");
    await flow("orders").untilCensus({ completed: UNDER_WAY + QUEUED }, 180);
    expectOnceEach("orders", UNDER_WAY + QUEUED);

    // Records of one batch arrived together, and starts within one pass of the drain may overlap.
    const queued = starts("orders").filter((i) => i >= UNDER_WAY);
    queued.forEach((i, position) => {
      const arrivedFrom = Math.floor((i - UNDER_WAY) / BATCH) * BATCH;
      expect(position).toBeGreaterThanOrEqual(arrivedFrom - DRAIN_RATE);
      expect(position).toBeLessThan(arrivedFrom + BATCH + DRAIN_RATE);
    });
    expect(await leftovers(stack.url)).toEqual([]);
    expect(await flow("orders").now()).toMatchObject({ queued: 0, inFlight: 0, draining: null });
    const lift = (await flow("orders").audit()).toSorted((a, b) => b.rev - a.rev)[0];
    expect(lift).toMatchObject({ actor: { kind: "schedule" }, from: "paused", to: "active" });
  }, 600_000);

  it("do the same when every schedule is lost, since the sweeper lifts the hold", async () => {
    const { queued, underWay } = numbers(30, 3);
    await heldWith("unscheduled", underWay, queued);
    await seen.suppress();
    await stack.admin.advance("P13DT23H59M");
    expect((await flow("unscheduled").now()).status).toBe("paused");
    await stack.admin.advance("PT2M");
    await flow("unscheduled").until((now) => now.status === "active");
    await stack.admin.advance("PT5M");
    await flow("unscheduled").untilCensus({ completed: underWay + queued }, 180);
    expectOnceEach("unscheduled", underWay + queued);
    expect(await leftovers(stack.url)).toEqual([]);
    const { items } = await stack.admin.expect<{ items: unknown[] }>([200], "GET", "/local/dead-letters");
    expect(items).toEqual([]);
  }, 600_000);

  it("wait until the last minute; a warning is published a day before", async () => {
    const paused = await flow("hour").pause();
    expect(paused.status).toBe(200);
    const { runId } = await flow("hour").dispatch({ flowId: "hour", i: 0 });
    await stack.admin.advance("P12DT23H");
    expect(await warnings("hour")).toHaveLength(0);
    await stack.admin.advance("PT2H");
    expect(await warnings("hour")).toHaveLength(1);
    await stack.admin.advance("PT22H59M");
    expect((await flow("hour").now()).status).toBe("paused");
    expect((await stack.operator.run(runId)).queued).toBe(true);
    await stack.admin.advance("PT1M");
    await flow("hour").until((now) => now.status === "active");
    await stack.admin.advance("PT1M");
    await stack.operator.untilStatus(runId, "completed");
    expect(await warnings("hour")).toHaveLength(1);
  });

  /** The events that announce the resume. */
  const warnings = async (flowId: string) => {
    const { items } = await stack.admin.expect<{ items: { "detail-type": string; detail: unknown }[] }>(
      [200],
      "GET",
      "/local/events?after=0",
    );
    return items.filter(
      (item) =>
        item["detail-type"] === "Flow resumes soon" && JSON.stringify(item.detail).includes(`"${flowId}"`),
    );
  };

  it("wait until the end that the pause names, at most 14 days ahead and never in the past", async () => {
    const now = await stackTime(stack.admin);
    for (const resumeAt of [now + 15 * 24 * HOUR, now - HOUR]) {
      const refused = await flow("hour").pause({ resumeAt: new Date(resumeAt).toISOString() });
      expect(refused.status).toBe(422);
      expect(refused.body).toMatchObject({ code: "invalid_request", errors: [{ path: "resumeAt" }] });
    }
    expect((await flow("hour").now()).status).toBe("active");

    const resumeAt = new Date(now + HOUR).toISOString();
    const paused = await flow("hour").pause({ resumeAt });
    expect(paused.body).toMatchObject({ status: "paused", resumeAt, holds: [{ kind: "manual", resumeAt }] });
    await stack.admin.advance("PT58M");
    expect((await flow("hour").now()).status).toBe("paused");
    await stack.admin.advance("PT3M");
    await flow("hour").until((now) => now.status === "active");
  });

  it("can be cancelled, paused and deleted while they wait", async () => {
    await flow("control").pause();
    const [stay, cancel, pause, remove, again] = await flow("control").dispatchAll(records("control", 5));
    const id = (run: { runId: string } | undefined) => run?.runId ?? "";
    await flow("control").until((now) => now.queued === 5);

    expect((await stack.operator.act(id(cancel), "cancel")).body["status"]).toBe("cancelled");
    for (const run of [pause, again]) {
      const paused = await stack.operator.act(id(run), "pause");
      expect(paused.body).toMatchObject({ status: "paused", pausedBy: { kind: "user", id: "operator" } });
    }
    expect((await stack.admin.call("DELETE", `/runs/${id(remove)}`)).status).toBe(204);
    const back = await stack.operator.act(id(again), "resume");
    expect(back.status).toBe(200);
    expect(back.body).toMatchObject({ status: "pending", queued: true });

    await flow("control").resume();
    await stack.admin.advance("PT2M");
    for (const run of [stay, again]) await stack.operator.untilStatus(id(run), "completed");
    // Neither has ever had an execution.
    for (const [run, status] of [
      [cancel, "cancelled"],
      [pause, "paused"],
    ] as const) {
      const { status: now, executionArn } = await stack.operator.run(id(run));
      expect([now, executionArn]).toEqual([status, undefined]);
    }
    expect((await stack.operator.call("GET", `/runs/${id(remove)}`)).status).toBe(404);
    expect(starts("control").toSorted()).toEqual([0, 4]);
    expect((await stack.operator.act(id(pause), "resume")).status).toBe(200);
    await stack.operator.untilStatus(id(pause), "completed");
    expect(starts("control").toSorted()).toEqual([0, 2, 4]);
    await stack.admin.advance("PT2M");
    expect(await leftovers(stack.url)).toEqual([]);
    expect((await flow("control").now()).queued).toBe(0);
  });

  it("begin on the version that is active when they start, unless a replay asked for its own", async () => {
    await stack.admin.publish("mended", tasks("two"));
    const { runId: over } = await flow("mended").dispatch({ flowId: "mended", i: 0 });
    await stack.operator.untilStatus(over, "completed");
    await flow("mended").pause();
    const dispatch = () =>
      stack.operator.call("POST", "/flows/mended/runs", { payload: { flowId: "mended", i: 1 } }, KEY);
    const answer = (await dispatch()).body;
    const replay = (version: string) =>
      stack.operator.expect<{ runId: string }>([202], "POST", `/runs/${over}/replay`, { version });
    const [same, latest] = [await replay("same"), await replay("latest")];
    const paused = await flow("mended").dispatch({ flowId: "mended", i: 2 });
    await stack.operator.act(paused.runId, "pause");
    expect(answer).toMatchObject({ queued: true, flowVersion: 1 });

    await stack.admin.publish("mended", tasks("one"));
    await flow("mended").resume();
    await stack.admin.advance("PT2M");
    await stack.operator.act(paused.runId, "resume");
    const versions: unknown[] = [];
    for (const runId of [String(answer["runId"]), latest.runId, paused.runId, same.runId])
      versions.push((await stack.operator.untilStatus(runId, "completed")).flowVersion);
    expect(versions).toEqual([2, 2, 2, 1]);
    expect(starts("mended").toSorted()).toEqual([0, 1, 2]);
    expect((await dispatch()).body).toEqual(answer);
  });

  it("race 16: stay queued in order when the flow is paused again during the drain; new ones start immediately", async () => {
    await flow("halves").pause();
    await flow("halves").dispatchAll(records("halves", 30));
    await flow("halves").until((now) => now.queued === 30);
    const resumed = await flow("halves").resume({ drainRate: 5 });
    expect(resumed.status).toBe(200);
    await eventually(() => starts("halves").length >= 5 || undefined);
    const between = await flow("halves").now();
    expect(between.draining?.remaining).toBeGreaterThan(0);
    expect(between.draining?.remaining).toBeLessThan(30);
    const fresh = await flow("halves").dispatch({ flowId: "halves", i: 1_000 });
    await stack.operator.untilStatus(fresh.runId, "completed");
    expect((await flow("halves").now()).draining?.remaining).toBeGreaterThan(0);

    expect((await flow("halves").pause()).status).toBe(200);
    await stack.admin.advance("PT1M");
    // The new record is the last of the list. A run that was taken off the queue may be parked at its first gate.
    const places = (await flow("halves").runs()).slice(0, 30).map(({ queued }) => queued);
    const taken = places.indexOf(true);
    expect(taken).toBeGreaterThan(0);
    expect(places).toEqual(places.map((_, i) => i >= taken));
    await flow("halves").until((now) => now.queued === 30 - taken && now.draining === null);

    await flow("halves").resume();
    await stack.admin.advance("PT5M");
    await flow("halves").untilCensus({ completed: 31 });
    expectOnceEach("halves", 31);
    expect(await leftovers(stack.url)).toEqual([]);
  });

  it("are refused in mode reject, and nothing is written", async () => {
    expect((await flow("reject").pause({ mode: "reject" })).body).toMatchObject({ mode: "reject" });
    const refused = await stack.operator.call("POST", "/flows/reject/runs", { payload: {} });
    expect(refused.status).toBe(409);
    expect(refused.body["code"]).toBe("flow_held");
    const batch = await stack.operator.expect<{ results: { status: number }[] }>(
      [200],
      "POST",
      "/flows/reject/runs/batch",
      { records: [{ payload: {} }, { payload: {} }] },
    );
    expect(batch.results.map(({ status }) => status)).toEqual([409, 409]);
    expect(await flow("reject").runs()).toEqual([]);
    expect((await flow("reject").now()).queued).toBe(0);

    await flow("reject").resume();
    const { runId } = await flow("reject").dispatch({ flowId: "reject", i: 0 });
    await stack.operator.untilStatus(runId, "completed");
  });
});
