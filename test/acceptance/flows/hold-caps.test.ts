import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../harness/clients/client.ts";
import { FlowClient, stackTime } from "../../harness/clients/flow-client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

describe("caps", { timeout: 120_000 }, () => {
  let stack: TestStack;
  beforeAll(async () => {
    stack = await testStack("cheap", "dear");
    const { admin } = stack;
    await admin.publish("busy", tasks("cheap"));
    await admin.publish("batch", tasks("cheap"));
    await admin.publish("unmetered", tasks("cheap"));
    const priced = chain({ cheap: task("cheap"), dear: task("dear", { Sluice: { Cost: 2 } }) });
    await admin.publish("broken", chain({ cheap: task("cheap"), dear: task("dear") }));
    for (const flowId of ["spender", "rollover", "manual-first", "spend-first", "lowered"]) {
      await admin.publish(flowId, priced);
    }
  });
  afterAll(() => stack.close());
  /** Only administrators set caps; an administrator may do the rest too. */
  const flow = (flowId: string) => new FlowClient(stack.admin, flowId);
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ i }));
  const iso = (time: number) => new Date(time).toISOString();

  /** Advances to the beginning of a UTC minute, so that no window ends in the middle of a test. */
  const freshMinute = async () => {
    const now = await stackTime(stack.admin);
    await stack.admin.advance(`PT${Math.ceil((MINUTE - (now % MINUTE)) / 1_000)}S`);
  };

  it("of 10 records a minute let 10 of 25 start and queue 15, which a resume starts without counting them again", async () => {
    const capped = await flow("busy").caps({ throughput: { limit: 10, per: "minute" } });
    expect(capped.status).toBe(200);
    expect(capped.body["caps"]).toMatchObject({ throughput: { limit: 10, per: "minute" } });
    await freshMinute();
    const runs = [];
    for (const record of numbered(25)) runs.push(await flow("busy").dispatch(record));
    expect(runs.filter(({ queued }) => queued)).toHaveLength(15);
    expect(runs.slice(0, 10).every(({ queued }) => !queued)).toBe(true);
    const held = await flow("busy").until((now) => now.queued === 15);
    const minute = Math.floor((await stackTime(stack.admin)) / MINUTE) * MINUTE;
    expect(held).toMatchObject({
      status: "paused_safety",
      holds: [{ kind: "throughput", reason: expect.stringContaining("10") }],
      meters: { throughput: { used: 25, windowStart: iso(minute) } },
    });
    const trip = (await flow("busy").audit()).toSorted((a, b) => b.rev - a.rev)[0];
    expect(trip).toMatchObject({ actor: { kind: "cap" }, from: "active", to: "paused_safety" });
    // Runs that had started before the cap was reached may wait at a gate now; queued ones have not begun.
    expect(runs.slice(10).map(({ status }) => status)).toEqual(Array.from({ length: 15 }, () => "pending"));

    expect((await flow("busy").resume()).status).toBe(200);
    await stack.admin.advance("PT2M");
    await flow("busy").untilCensus({ completed: 25 });
    expect((await flow("busy").now()).status).toBe("active");
    expect(stack.functions.count("cheap")).toBe(25);
    expect(await leftovers(stack.url)).toEqual([]);
  });

  it("accept a whole batch that reaches them and queue the records beyond", async () => {
    await flow("batch").caps({ throughput: { limit: 10, per: "day" } });
    const runs = await flow("batch").dispatchAll(numbered(25));
    expect(runs.filter(({ queued }) => queued)).toHaveLength(15);
    expect((await flow("batch").now()).status).toBe("paused_safety");
    await stack.admin.advance("P14DT1M");
    await flow("batch").until((now) => now.status === "active");
    await stack.admin.advance("PT2M");
    await flow("batch").untilCensus({ completed: 25 });
  });

  it("count from the first run on, and hold the next dispatch when set below the meter", async () => {
    const day = Math.floor((await stackTime(stack.admin)) / DAY) * DAY;
    await flow("unmetered").dispatchAll(numbered(3));
    await flow("unmetered").untilCensus({ completed: 3 });
    const { rev } = await flow("unmetered").now();
    const capped = await flow("unmetered").caps({ throughput: { limit: 2, per: "day" } });
    expect(capped.body).toMatchObject({
      rev: rev + 1,
      status: "active",
      meters: { throughput: { used: 3, windowStart: iso(day) } },
    });
    expect((await flow("unmetered").dispatch({ i: 3 })).queued).toBe(true);
    expect((await flow("unmetered").now()).status).toBe("paused_safety");
    const removed = await flow("unmetered").caps({ throughput: null });
    expect(removed.body["caps"]).not.toMatchObject({ throughput: expect.anything() });
    await flow("unmetered")
      .resume()
      .catch(() => undefined);
    await flow("unmetered").until((now) => now.status === "active");
    await stack.admin.advance("PT1M");
    await flow("unmetered").untilCensus({ completed: 4 });
  });

  /** A flow with steps of cost 2 and a cap of 5 per month, and three runs: two pass, the third reaches the cap. */
  const overspent = async (flowId: string) => {
    await flow(flowId).caps({ spend: { limit: 5, period: "month" } });
    const before = stack.functions.count("dear");
    for (const record of numbered(3)) await flow(flowId).dispatch(record);
    const held = await flow(flowId).until((now) => now.status === "paused_safety");
    await flow(flowId).untilCensus({ completed: 2, paused: 1 });
    expect(stack.functions.count("dear")).toBe(before + 2);
    return held;
  };
  const nextMonth = async () => {
    const now = new Date(await stackTime(stack.admin));
    return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  };
  /** Just past the end of the month. */
  const toNextMonth = async () => {
    const seconds = Math.ceil(((await nextMonth()) - (await stackTime(stack.admin))) / 1_000) + 120;
    await stack.admin.advance(`PT${seconds}S`);
  };

  it("of errors hold at the third failure and begin anew when lifted; halted runs count too", async () => {
    const { functions, admin } = stack;
    await flow("broken").caps({ errors: { count: 3, percent: 60, per: "day" } });
    await flow("broken").dispatch({ i: 0 });
    await flow("broken").untilCensus({ completed: 1 });
    const calls = functions.count("dear");
    functions.block("dear");
    functions.fail("dear", "Declined");
    await flow("broken").dispatchAll(numbered(4));
    await eventually(async () => functions.count("dear") === calls + 4 || undefined);
    await admin.call("PUT", "/flows/broken/settings", { onFailure: "pause" });
    functions.release("dear");
    const held = await flow("broken").until((now) => now.holds.length > 0);
    await flow("broken").untilCensus({ completed: 1, failed: 4 });
    expect(held).toMatchObject({
      status: "paused_safety",
      holds: [{ kind: "errors", mode: "queue", by: "errors", reason: expect.stringContaining("3 per day") }],
    });
    expect((await flow("broken").now()).meters.errors?.used).toBe(4);
    await flow("broken").dispatchAll(numbered(2));
    await flow("broken").until((now) => now.queued === 2);

    // The runs that fail now are halted, and count too.
    expect((await flow("broken").resume()).body).toMatchObject({ status: "active", holds: [] });
    await admin.advance("PT1M");
    await flow("broken").untilCensus({ completed: 1, failed: 4, paused: 2 });
    expect((await flow("broken").now()).holds).toEqual([]);
    await flow("broken").dispatch({ i: 2 });
    await flow("broken").until((now) => now.holds.length > 0);
    functions.mend("dear");
    expect((await flow("broken").resume({ holds: ["errors"] })).status).toBe(200);
    await admin.call("POST", "/bulk-operations", {
      action: "resume",
      filter: { flowId: "broken", status: ["paused"] },
    });
    await admin.advance("PT2M");
    await flow("broken").untilCensus({ completed: 4, failed: 4 });
    await flow("broken").caps({ errors: null });
    expect((await flow("broken").now()).meters.errors).toBeUndefined();
  });

  it("of spend hold at a gate, cannot be resumed, and lift when raised", async () => {
    const liftsAt = iso(await nextMonth());
    const held = await overspent("spender");
    expect(held.holds).toMatchObject([{ kind: "spend", resumeAt: liftsAt }]);
    expect(held.meters.spend?.used).toBe(4);
    const [standing] = (await flow("spender").runs()).filter(({ status }) => status === "paused");
    expect(standing?.pausedBy?.kind).toBe("flow");
    const refused = await flow("spender").resume();
    expect(refused.status).toBe(409);
    expect(refused.body).toMatchObject({ code: "spend_hold", cap: 5, used: 4, liftsAt });

    const queued = await flow("spender").dispatch({ i: 3 });
    expect(queued.queued).toBe(true);
    expect((await flow("spender").caps({ spend: { limit: 100, period: "month" } })).status).toBe(200);
    await flow("spender").until((now) => now.status === "active");
    await stack.admin.advance("PT2M");
    await flow("spender").untilCensus({ completed: 4 });
    expect((await flow("spender").now()).meters.spend?.used).toBe(8);
    const actors = (await flow("spender").audit()).map(({ actor }) => actor.kind);
    expect(actors.filter((kind) => kind === "cap").length).toBeGreaterThanOrEqual(2);
  });

  it("of spend lift at the end of the month", async () => {
    await overspent("rollover");
    await toNextMonth();
    await flow("rollover").until((now) => now.status === "active");
    await stack.admin.advance("PT2M");
    await flow("rollover").untilCensus({ completed: 3 });
    expect((await flow("rollover").now()).meters.spend?.used).toBe(2);
  });

  it("of spend do not lift a user's pause, whichever came first, and a resume lifts one of two holds", async () => {
    // The month may end within 14 days. Start a new one, so that the user's pause can end before it.
    await toNextMonth();
    await overspent("spend-first");
    expect((await flow("spend-first").pause({ reason: "mine" })).status).toBe(200);
    await flow("manual-first").pause({ resumeAt: iso((await stackTime(stack.admin)) + DAY) });
    await flow("manual-first").resume();
    await overspent("manual-first");
    await flow("manual-first").pause({ resumeAt: iso((await stackTime(stack.admin)) + DAY) });

    // The spend hold outlives the user's pause ...
    await stack.admin.advance("P1DT1M");
    const spendOnly = await flow("manual-first").until((now) => now.holds.length === 1);
    expect(spendOnly).toMatchObject({ status: "paused_safety", holds: [{ kind: "spend" }] });
    await flow("manual-first").caps({ spend: null });
    expect((await flow("manual-first").until((now) => now.holds.length === 0)).status).toBe("active");
    // ... and the user's pause outlives the spend hold.
    expect((await flow("spend-first").caps({ spend: { limit: 50, period: "month" } })).status).toBe(200);
    const handOnly = await flow("spend-first").until((now) => now.holds.length === 1);
    expect(handOnly).toMatchObject({ status: "paused", holds: [{ kind: "manual", reason: "mine" }] });
    expect((await flow("spend-first").resume()).status).toBe(200);
    await stack.admin.advance("PT1M");
    await flow("spend-first").untilCensus({ completed: 3 });

    await flow("lowered").pause();
    await flow("lowered").caps({ throughput: { limit: 1, per: "day" } });
    for (const record of numbered(2)) await flow("lowered").dispatch(record);
    await flow("lowered").until((now) => now.holds.length === 2);
    const one = await flow("lowered").resume({ holds: ["manual"] });
    expect(one.body).toMatchObject({ status: "paused_safety", holds: [{ kind: "throughput" }] });
    const both = await flow("lowered").resume({ holds: ["throughput"] });
    expect(both.body).toMatchObject({ status: "active", holds: [] });
    await stack.admin.advance("PT1M");
    await flow("lowered").untilCensus({ completed: 2 });
  });

  it("of spend hold at the next gate when lowered below the meter", async () => {
    await flow("lowered").caps({ throughput: null, spend: { limit: 100, period: "month" } });
    const { used } = (await flow("lowered").now()).meters.spend ?? { used: 0 };
    expect(used).toBeGreaterThan(0);
    expect((await flow("lowered").caps({ spend: { limit: 1, period: "month" } })).body["status"]).toBe(
      "active",
    );
    const { runId } = await flow("lowered").dispatch({ i: 9 });
    await stack.admin.untilStatus(runId, "paused");
    expect((await flow("lowered").now()).holds).toMatchObject([{ kind: "spend" }]);
    await flow("lowered").caps({ spend: null });
    await flow("lowered").until((now) => now.status === "active");
    await stack.admin.advance("PT1M");
    await stack.admin.untilStatus(runId, "completed");
    await eventually(async () => (await leftovers(stack.url)).length === 0 || undefined);
  });
});
