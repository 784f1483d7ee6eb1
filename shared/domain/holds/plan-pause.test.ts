import { describe, expect, test } from "vitest";
import { tasks } from "../../../test/harness/definitions.ts";
import { afterFirst } from "../../../test/harness/domain/between.ts";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { deleteFlow } from "../flows/delete-flow.ts";
import { sweep } from "../sweep/sweep.ts";
import { autoPause } from "./begin-pause.ts";
import { cancelPlan, type PlanPause, planPause } from "./plan-pause.ts";
import { autoResume } from "./scheduled-resume.ts";
import { holdSteps } from "./steps/hold-steps.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const at = (ahead: number): string => new Date(harness.now + ahead).toISOString();
const plan = (ahead: number, more: Partial<PlanPause> = {}) =>
  planPause(harness.deps, { ...asked(), mode: "queue", startAt: at(ahead), ...more });
const cancel = () => cancelPlan(harness.deps, asked());
const moveTo = (time: string | undefined, by = 0): void => {
  harness.now = Date.parse(time ?? "") + by;
};
const actions = async (): Promise<unknown[]> =>
  (await harness.deps.flows.audit(flow, 10)).map(({ action, actor, from, to }) => [
    action,
    actor.kind,
    from,
    to,
  ]);
const scheduled = ({ scheduledPause }: FlowItem) =>
  [...harness.schedules.begins.values()].find(({ event }) => event.holdId === scheduledPause?.id);
/** The holds of this flow that have a schedule: a sweep sees those of other tests, too. */
const holdIds = (): string[] =>
  [...harness.schedules.ends.values()].flatMap(({ event }) =>
    event.incarnation === flow.incarnation ? [event.holdId] : [],
  );
/** The event of the plan's schedule. */
const fire = async (planned: FlowItem): Promise<void> => {
  const event = scheduled(planned)?.event;
  if (event !== undefined) await autoPause(harness.deps, event);
};

describe("a planned pause", () => {
  test("changes nothing before its time, then holds for the time that was asked for", async () => {
    const resumeAt = at(DAY + 2 * HOUR);
    const planned = await plan(DAY, { resumeAt, mode: "reject", reason: "new price list" });
    expect(planned).toMatchObject({ rev: 2, epoch: 0, holds: {}, mode: "queue" });
    const { scheduledPause } = planned;
    expect(scheduledPause).toMatchObject({ resumeAt, mode: "reject", by: ANN, reason: "new price list" });
    expect(scheduled(planned)?.at).toBe(Date.parse(scheduledPause?.startAt ?? ""));
    moveTo(scheduledPause?.startAt, -10);
    await sweep(harness.deps, LIMITS);
    expect(await now()).toEqual(planned);
    moveTo(scheduledPause?.startAt);
    await fire(planned);
    const begun = await now();
    expect(begun.holds.manual).toMatchObject({ by: ANN, resumeAt, reason: "new price list" });
    expect(begun).toMatchObject({ rev: 3, epoch: 1, mode: "reject" });
    expect(begun.scheduledPause).toBeUndefined();
    expect(holdIds()).toEqual([begun.holds.manual?.id]);
    expect(await actions()).toEqual([
      ["begin-pause", "schedule", "active", "paused"],
      ["plan-pause", "user", "active", "active"],
    ]);
    moveTo(resumeAt, 1);
    await sweep(harness.deps, LIMITS);
    expect((await now()).holds).toEqual({});
  });

  test("lasts 14 days from its start by default", async () => {
    const { scheduledPause } = await plan(90 * DAY - 1_000);
    expect(Date.parse(scheduledPause?.resumeAt ?? "") - Date.parse(scheduledPause?.startAt ?? "")).toBe(
      14 * DAY,
    );
  });

  test("whose schedule is lost is begun by the sweeper within its minute", async () => {
    const planned = await plan(DAY);
    harness.schedules.begins.clear();
    moveTo(planned.scheduledPause?.startAt, 59_000);
    await sweep(harness.deps, LIMITS);
    expect((await now()).holds.manual?.resumeAt).toBe(planned.scheduledPause?.resumeAt);
    expect((await actions())[0]).toEqual(["begin-pause", "system", "active", "paused"]);
    expect(harness.measured.get("pauseLateness")?.[0]).toBeCloseTo(59, 0);
  });

  test("whose event is early begins at its time, by a later schedule", async () => {
    const planned = await plan(DAY);
    const event = scheduled(planned)?.event;
    moveTo(planned.scheduledPause?.startAt, -30_000);
    await fire(planned);
    expect((await now()).holds).toEqual({});
    expect(scheduled(planned)).toEqual({
      event: { ...event, tries: 1 },
      at: Date.parse(planned.scheduledPause?.startAt ?? ""),
    });
  });

  test("is begun once by its schedule and the sweeper together, with the schedules of its own hold", async () => {
    const planned = await plan(DAY);
    moveTo(planned.scheduledPause?.startAt);
    await Promise.all([fire(planned), sweep(harness.deps, LIMITS), fire(planned)]);
    const begun = await now();
    expect(begun.rev).toBe(3);
    expect(holdIds()).toEqual([begun.holds.manual?.id]);
  });

  test("is not begun if it is cancelled between the read and the write", async () => {
    const planned = await plan(DAY);
    moveTo(planned.scheduledPause?.startAt);
    const flows = afterFirst(harness.deps.flows, "read", cancel);
    const event = scheduled(planned)?.event;
    if (event === undefined) throw new Error("It has no schedule");
    await autoPause({ ...harness.deps, flows }, event);
    expect((await now()).holds).toEqual({});
    expect(holdIds()).toEqual([]);
  });

  test("whose end has passed is dropped", async () => {
    const planned = await plan(DAY, { resumeAt: at(2 * DAY) });
    moveTo(planned.scheduledPause?.resumeAt);
    await sweep(harness.deps, LIMITS);
    expect(await now()).toMatchObject({ holds: {}, rev: 3 });
    expect((await now()).scheduledPause).toBeUndefined();
    expect((await actions())[0]).toEqual(["cancel-pause", "system", "active", "active"]);
  });

  test("is cancelled with its schedule, and nothing happens at its time", async () => {
    const planned = await plan(DAY);
    const event = scheduled(planned)?.event;
    await cancel();
    expect(harness.schedules.begins.size).toBe(0);
    moveTo(planned.scheduledPause?.startAt);
    if (event !== undefined) await autoPause(harness.deps, event);
    await sweep(harness.deps, LIMITS);
    expect(await now()).toMatchObject({ holds: {}, rev: 3 });
    await expect(cancel()).rejects.toMatchObject({ code: "not_found" });
    expect((await actions())[0]).toEqual(["cancel-pause", "user", "active", "active"]);
  });

  test("takes the place of an earlier plan, whose schedule does nothing", async () => {
    const first = await plan(DAY);
    const stale = scheduled(first)?.event;
    const second = await plan(2 * DAY);
    expect([...harness.schedules.begins.keys()]).toEqual([second.scheduledPause?.id]);
    moveTo(first.scheduledPause?.startAt);
    if (stale !== undefined) await autoPause(harness.deps, stale);
    await sweep(harness.deps, LIMITS);
    expect(await now()).toEqual(second);
  });

  test("of a flow that is deleted leaves no schedule, and does not affect a flow of the same id", async () => {
    const planned = await plan(DAY);
    const event = scheduled(planned)?.event;
    await deleteFlow(harness.deps, asked());
    expect(harness.schedules.begins.size).toBe(0);
    expect(event?.incarnation).toBe(flow.incarnation);
  });

  test.each([
    ["in the past", -HOUR, undefined, "startAt"],
    ["more than 90 days ahead", 90 * DAY + HOUR, undefined, "startAt"],
    ["after its end", DAY, -1, "resumeAt"],
    ["more than 14 days before its end", DAY, 14 * DAY + HOUR, "resumeAt"],
  ])("that begins %s is refused, and nothing is written", async (_, ahead, length, path) => {
    const end = length === undefined ? {} : { resumeAt: at(ahead + length) };
    await expect(plan(ahead, end)).rejects.toMatchObject({
      code: "invalid_request",
      fields: { errors: [{ path }] },
    });
    expect(await now()).toEqual(flow);
    expect(harness.schedules.begins.size).toBe(0);
  });

  test.each(["before", "after"] as const)(
    "whose schedule fails %s it took effect is not planned",
    async (fault) => {
      harness.schedules.fault = fault;
      await expect(plan(DAY)).rejects.toMatchObject({ code: "service_unavailable" });
      expect(await now()).toEqual(flow);
      expect(harness.schedules.begins.size).toBe(0);
    },
  );

  test("leaves no schedule if the flow has another revision than the caller has seen", async () => {
    const flows = afterFirst(
      harness.deps.flows,
      "read",
      async () => void (await pause({ resumeAt: at(HOUR) })),
    );
    const asking = { ...asked(), mode: "queue" as const, startAt: at(DAY), ifMatch: 1 };
    await expect(planPause({ ...harness.deps, flows }, asking)).rejects.toMatchObject({
      code: "state_changed",
    });
    expect(harness.schedules.begins.size).toBe(0);
  });
});

describe("a planned pause, and one by a person", () => {
  test("cannot overlap when it is planned", async () => {
    await pause({ resumeAt: at(2 * DAY) });
    await expect(plan(DAY)).rejects.toMatchObject({ code: "action_not_allowed" });
    expect(await plan(3 * DAY)).toMatchObject({ holds: { manual: {} }, scheduledPause: {} });
  });

  test("takes over from one whose time ends, without a gap", async () => {
    const planned = await plan(DAY, { resumeAt: at(3 * DAY) });
    const manual = await pause({ resumeAt: at(2 * DAY) });
    moveTo(planned.scheduledPause?.startAt, 1_000);
    await fire(planned);
    await sweep(harness.deps, LIMITS);
    expect((await now()).holds).toEqual(manual.holds);
    const { id = "", resumeAt } = manual.holds.manual ?? {};
    moveTo(resumeAt);
    const { workspace, flowId, incarnation } = flow;
    await autoResume(harness.deps, { workspace, flowId, incarnation, kind: "manual", holdId: id, tries: 0 });
    const next = await now();
    expect(next.holds.manual).toMatchObject({ resumeAt: planned.scheduledPause?.resumeAt });
    expect(next.drain).toBeUndefined();
    expect((await actions())[0]).toEqual(["begin-pause", "schedule", "paused", "paused"]);
  });

  test("does the same by the sweeper", async () => {
    const planned = await plan(DAY, { resumeAt: at(3 * DAY) });
    const manual = await pause({ resumeAt: at(2 * DAY) });
    moveTo(manual.holds.manual?.resumeAt);
    await sweep(harness.deps, LIMITS);
    expect((await now()).holds.manual?.resumeAt).toBe(planned.scheduledPause?.resumeAt);
  });

  test("is cancelled by the resume of a person after its start, in the same write", async () => {
    const planned = await plan(DAY);
    await pause();
    moveTo(planned.scheduledPause?.startAt, 1_000);
    const open = await resume();
    expect(open).toMatchObject({ holds: {}, drain: { epoch: 2 }, rev: 5 });
    expect(open.scheduledPause).toBeUndefined();
    expect((await actions()).slice(0, 2)).toEqual([
      ["cancel-pause", "user", "active", "active"],
      ["resume", "user", "paused", "active"],
    ]);
    await sweep(harness.deps, LIMITS);
    expect((await now()).holds).toEqual({});
  });

  test("is cancelled by a canary that a person sent after its start, once that has passed", async () => {
    const planned = await plan(DAY);
    await pause();
    moveTo(planned.scheduledPause?.startAt, 1_000);
    expect((await resume({ canary: 1 })).scheduledPause).toBeDefined();
    await harness.drains.run();
    expect(await now()).toMatchObject({ holds: {}, canary: { state: "passed" } });
    expect((await now()).scheduledPause).toBeUndefined();
    expect((await actions()).slice(0, 2)).toEqual([
      ["cancel-pause", "user", "active", "active"],
      ["canary-passed", "system", "paused", "active"],
    ]);
  });

  test("begins after a canary that a person sent before its start", async () => {
    const planned = await plan(HOUR);
    await pause();
    moveTo(planned.scheduledPause?.startAt, -1_000);
    await resume({ canary: 1 });
    moveTo(planned.scheduledPause?.startAt, 1_000);
    await harness.drains.run();
    expect(await now()).toMatchObject({ holds: {}, scheduledPause: planned.scheduledPause });
    await sweep(harness.deps, LIMITS);
    expect((await now()).holds.manual).toBeDefined();
  });

  test("stays planned after a resume before its start", async () => {
    const planned = await plan(DAY);
    await pause();
    expect((await resume()).scheduledPause).toEqual(planned.scheduledPause);
  });
});

describe("a planned pause of some steps", () => {
  const planStep = async (ahead: number, step = "Charge") => {
    await harness.deps.versions.putText(flow, 1, "user", tasks("Check", "Charge"));
    return plan(ahead, { steps: [step], reason: "bank holiday" });
  };
  const partial = async () => Object.values((await now()).partialHolds ?? {});

  test("becomes a hold on them beside a person's pause, whose end does not wait for it", async () => {
    await pause({ resumeAt: at(2 * DAY) });
    const planned = await planStep(DAY);
    expect(planned.scheduledPause?.steps).toEqual(["Charge"]);
    moveTo(planned.scheduledPause?.startAt);
    await fire(planned);
    const begun = await now();
    expect(begun.holds.manual?.id).toBe(planned.holds.manual?.id);
    expect(begun.scheduledPause).toBeUndefined();
    expect(await partial()).toMatchObject([
      { kind: "manual", states: [{ names: ["Charge"] }], by: ANN, reason: "bank holiday" },
    ]);
    expect(((await actions())[0] as unknown[])[0]).toBe("begin-pause");
  });

  test("does not take the place of a person's pause that ends after its start", async () => {
    const paused = await pause({ resumeAt: at(DAY) });
    await planStep(DAY - HOUR);
    harness.schedules.begins.clear();
    moveTo(paused.holds.manual?.resumeAt);
    const { workspace, flowId, incarnation } = flow;
    const holdId = paused.holds.manual?.id ?? "";
    await autoResume(harness.deps, {
      ...{ workspace, flowId, incarnation, kind: "manual" as const, holdId, tries: 0 },
    });
    expect((await now()).holds).toEqual({});
    await sweep(harness.deps, LIMITS);
    expect(await partial()).toHaveLength(1);
  });

  test("lets a drain that is under way go on", async () => {
    await pause();
    await resume();
    const planned = await planStep(1_000);
    moveTo(planned.scheduledPause?.startAt);
    await fire(planned);
    const { drain, epoch } = await now();
    expect(drain?.epoch).toBe(epoch);
  });

  test("is refused for a state that no version has", async () => {
    await expect(planStep(DAY, "Chrage")).rejects.toMatchObject({ code: "invalid_request" });
    expect((await now()).scheduledPause).toBeUndefined();
  });

  test("is dropped, and says so, if the flow has too many such holds then", async () => {
    const planned = await planStep(DAY);
    for (let made = 0; made < 10; made += 1)
      await holdSteps(harness.deps, { ...asked(), mode: "queue", steps: ["Check"] });
    moveTo(planned.scheduledPause?.startAt);
    await fire(planned);
    expect((await now()).scheduledPause).toBeUndefined();
    expect(await partial()).toHaveLength(10);
    expect(((await actions())[0] as unknown[])[0]).toBe("cancel-pause");
  });
});
