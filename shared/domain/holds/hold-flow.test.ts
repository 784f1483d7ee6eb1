import { describe, expect, test } from "vitest";
import { afterFirst } from "../../../test/harness/domain/between.ts";
import { FLOW_KINDS } from "../../../test/harness/domain/flow-kinds.ts";
import { ANN, flowCalls, freshFlows, ofKind } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { SluiceError } from "../../model/errors.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { sweep } from "../sweep/sweep.ts";
import { addSafetyHold } from "./add-hold.ts";
import { autoResume } from "./scheduled-resume.ts";

const DAY = 86_400_000;
const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { pause, resume, now } = flowCalls(() => ({ harness, flow }));
const hold = () => harness.deps.holds.get(flow.workspace, flow.flowId, flow.incarnation);
const refusal = async (work: Promise<unknown>): Promise<SluiceError> => {
  try {
    await work;
  } catch (error) {
    return error as SluiceError;
  }
  throw new Error("It was not refused");
};
const eventOf = (kind: "manual" | "throughput" | "spend", record: FlowItem) => ({
  ...{ workspace: flow.workspace, flowId: flow.flowId, incarnation: flow.incarnation, kind },
  ...{ holdId: record.holds[kind]?.id ?? "", tries: 0 },
});

describe("a pause", () => {
  test("holds for exactly 14 days, in the flow, in its copy for gates, with its schedule and its audit", async () => {
    const paused = await pause({ reason: "month's end" });
    const manual = paused.holds.manual;
    expect(Date.parse(manual?.resumeAt ?? "") - Date.parse(manual?.since ?? "")).toBe(14 * DAY);
    expect(paused).toMatchObject({ rev: 2, epoch: 1 });
    expect(await now()).toEqual(paused);
    const { id, since } = manual ?? {};
    expect(await hold()).toMatchObject({ holds: { manual: { id, since } }, epoch: 1 });
    expect(harness.schedules.holdIds).toEqual([manual?.id]);
    const audit = await harness.deps.flows.audit(flow, 10);
    expect(audit[0]).toMatchObject({ action: "pause", actor: ANN, from: "active", to: "paused", rev: 2 });
    expect(audit[0]?.reason).toBe("month's end");
  });

  test("is refused while there is a manual hold, whose end stays", async () => {
    const first = await pause();
    const refused = await refusal(pause());
    expect(refused).toMatchObject({ code: "action_not_allowed", fields: { allowedActions: ["resume"] } });
    expect(await now()).toEqual(first);
    expect(harness.schedules.holdIds).toEqual([first.holds.manual?.id]);
  });

  test.each([
    ["a second later than 14 days", 14 * DAY + 1_000],
    ["in the past", -1_000],
  ])("with an end %s is refused", async (_, ahead) => {
    const refused = await refusal(pause({ resumeAt: new Date(harness.now + ahead).toISOString() }));
    expect(refused).toMatchObject({ code: "invalid_request", fields: { errors: [{ path: "resumeAt" }] } });
    expect(harness.schedules.holdIds).toEqual([]);
  });

  test("when two are concurrent, adds one hold with its schedule and refuses the other", async () => {
    const both = await Promise.allSettled([pause(), pause()]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(harness.schedules.holdIds).toEqual([(await now()).holds.manual?.id]);
  });

  test.each(["before", "after"] as const)(
    "whose schedule fails %s it took effect places no hold",
    async (fault) => {
      harness.schedules.fault = fault;
      expect(await refusal(pause())).toMatchObject({ code: "service_unavailable" });
      expect(await now()).toEqual(flow);
      expect(harness.schedules.holdIds).toEqual([]);
    },
  );
});

describe("the end of a hold", () => {
  test.each(FLOW_KINDS)(
    "race 21: comes by its schedule, not a moment earlier; an event that is early leaves a later one (%s flow)",
    async (kind) => {
      flow = await ofKind(kind, { harness, flow });
      const paused = await pause();
      const event = eventOf("manual", paused);
      const end = Date.parse(paused.holds.manual?.resumeAt ?? "");
      harness.schedules.ends.clear();
      harness.now = end - 10;
      await autoResume(harness.deps, event);
      expect((await now()).holds.manual).toBeDefined();
      expect([...harness.schedules.ends.values()]).toEqual([{ event: { ...event, tries: 1 }, at: end }]);
      harness.now = end;
      await autoResume(harness.deps, event);
      expect((await now()).holds).toEqual({});
      const [last] = await harness.deps.flows.audit(flow, 1);
      expect(last).toMatchObject({ actor: { kind: "schedule", id: event.holdId }, to: "active" });
    },
  );

  test("of an earlier pause changes nothing, late or twice", async () => {
    const stale = eventOf("manual", await pause());
    await resume();
    const second = await pause();
    harness.now += 15 * DAY - 1_000_000;
    const before = await now();
    await autoResume(harness.deps, stale);
    await autoResume(harness.deps, stale);
    expect(await now()).toEqual(before);
    expect(second.holds.manual?.id).not.toBe(stale.holdId);
  });

  test("does not lift a hold that was placed between its read and its write", async () => {
    const paused = await pause();
    harness.now = Date.parse(paused.holds.manual?.resumeAt ?? "");
    const flows = afterFirst(harness.deps.flows, "read", async () => {
      await resume();
      await pause({ reason: "another" });
    });
    await autoResume({ ...harness.deps, flows }, eventOf("manual", paused));
    expect((await now()).holds.manual?.reason).toBe("another");
    expect((await hold())?.holds.manual?.id).toBe((await now()).holds.manual?.id);
  });

  test("comes without a schedule too: the sweeper lifts it", async () => {
    const paused = await pause();
    harness.now = Date.parse(paused.holds.manual?.resumeAt ?? "") - 60_000;
    await sweep(harness.deps, LIMITS);
    expect((await now()).holds.manual).toBeDefined();
    harness.now += 60_001;
    await sweep(harness.deps, LIMITS);
    expect((await now()).holds).toEqual({});
    expect(await harness.deps.flows.audit(flow, 1)).toMatchObject([
      { actor: { kind: "system" }, action: "lift" },
    ]);
  });

  test("race 06: is one change if it is delivered twice at the same time", async () => {
    const paused = await pause();
    harness.now = Date.parse(paused.holds.manual?.resumeAt ?? "");
    const event = eventOf("manual", paused);
    await Promise.all([autoResume(harness.deps, event), autoResume(harness.deps, event)]);
    expect((await now()).rev).toBe(3);
    expect(harness.drains.states.size).toBe(1);
  });
});

describe("two holds", () => {
  const trip = (kind: "throughput" | "spend") =>
    addSafetyHold(harness.deps, flow, {
      kind,
      reason: "reached",
      resumeAt: new Date(harness.now + DAY).toISOString(),
    });

  test("are independent: each lift leaves the other, and only the last begins a drain", async () => {
    const paused = await pause();
    await trip("throughput");
    const left = await resume({ holds: ["throughput"] });
    expect(Object.keys(left.holds)).toEqual(["manual"]);
    expect(left.holds.manual).toEqual(paused.holds.manual);
    expect(left.drain).toBeUndefined();
    expect(harness.schedules.holdIds).toEqual([paused.holds.manual?.id]);
    const open = await resume();
    expect(open.drain).toMatchObject({ epoch: 4, attempt: 1, rate: 50 });
    expect([...harness.drains.states.keys()]).toEqual([`${flow.incarnation}-4-1`]);
  });

  test("a cap that is reached again leaves its first hold as it is", async () => {
    const first = await trip("throughput");
    expect((await trip("throughput"))?.holds).toEqual(first?.holds);
    expect(harness.schedules.holdIds).toHaveLength(1);
  });

  test("spend has no resume", async () => {
    await trip("spend");
    await harness.deps.meters.add(flow, "spend", 7, harness.now);
    const refused = await refusal(resume());
    expect(refused).toMatchObject({ code: "spend_hold", fields: { used: 7 } });
    expect(refused.fields["liftsAt"]).toBe((await now()).holds.spend?.resumeAt);
    await pause();
    expect(Object.keys((await resume()).holds)).toEqual(["spend"]);
  });

  test("is not allowed without a hold, or without one of those named", async () => {
    expect(await refusal(resume())).toMatchObject({ code: "action_not_allowed" });
    await pause();
    expect(await refusal(resume({ holds: ["throughput"] }))).toMatchObject({ code: "action_not_allowed" });
  });
});
