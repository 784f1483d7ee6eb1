import { describe, expect, test } from "vitest";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { Transition } from "../../model/transitions.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { showFlow } from "../flows/show-flows.ts";
import { heldByFlow } from "../gates/decide-gate.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { deleteRun } from "../runs/delete-run.ts";
import { failRun } from "../runs/fail-run.ts";
import { haltRun } from "../runs/halt-run.ts";
import { pauseRun } from "../runs/pause-run.ts";
import { changeBySystem } from "../runs/status-change.ts";
import { sweep } from "../sweep/sweep.ts";

const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };
const FAILURE = { error: "Oh", cause: "no", state: "Charge" };

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));
const ofRun = (runId: string) => ({ workspace: flow.workspace, runId, actor: ANN });
const dispatch = async (count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const request = { ...asked(), starter: { actor: ANN, permissions: [] }, payload: { i } };
    ids.push((await dispatchRun(harness.deps, request)).record.runId);
  }
  return ids;
};
const runOf = async (runId: string): Promise<RunItem> => {
  const run = await harness.deps.runs.get(flow.workspace, runId);
  if (run === undefined) throw new Error("The run is gone");
  return run;
};
/** What the run's gates do. */
const move = async (runId: string, ...transitions: Transition[]): Promise<void> => {
  for (const transition of transitions) {
    const at = harness.deps.clock.now();
    const patch = transition === "hold" ? heldByFlow({ holdIds: [], partly: false }, at) : {};
    const run = await runOf(runId);
    const { ok } = await harness.deps.runs.changeStatus(run, [changeBySystem(transition, at)], patch);
    if (!ok) throw new Error("The run has changed");
  }
};
/** Runs that stand at a gate of the held flow, newest park first. */
const parked = async (count: number): Promise<string[]> => {
  const ids = await dispatch(count);
  await pause();
  for (const runId of [...ids].reverse()) {
    await move(runId, "begin", "hold");
    const parkedAt = new Date(harness.deps.clock.now()).toISOString();
    const place = { state: "one", path: "", entered: parkedAt, parkedAt, version: 1 };
    await harness.deps.parks.put(
      { ...flow, runId },
      { runId, token: `t-${runId}`, ...place, holder: "flow" },
    );
  }
  return ids;
};
const stillParked = async (): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { runId } of harness.deps.parks.ofFlow(flow)) ids.push(runId);
  return ids.sort();
};
const step = () => harness.drains.step();
const started = (ids: readonly string[]) => ids.filter((id) => harness.started.names.includes(`${id}.1`));
const canary = async () => (await now()).canary;
const actions = async () =>
  (await harness.deps.flows.audit(flow, 10)).map(({ action, actor }) => `${action} ${actor.kind}`).reverse();

describe("a canary", () => {
  test("lets the oldest parked runs go first, then queued ones, and lifts the holds when all are through", async () => {
    const [one = "", two = ""] = await parked(2);
    const queued = await dispatch(3);
    await resume({ canary: 3, ramp: { from: 1 }, drainRate: 4 });
    expect((await now()).holds.manual).toBeDefined();
    await step();
    const third = queued[0] ?? "";
    expect((await canary())?.runs).toEqual([one, two, third]);
    expect([await stillParked(), started(queued)]).toEqual([[], [third]]);
    await move(one, "release", "complete");
    await move(two, "release", "wait");
    await step();
    expect(await showFlow(harness.deps, await now())).toMatchObject({
      ...{ status: "paused", draining: null, queued: 2 },
      canary: { state: "running", runs: [one, two, third], through: 2, count: 3, by: "ann" },
    });
    await move(third, "begin", "complete");
    await step();
    const after = await now();
    expect(after).toMatchObject({ holds: {}, ramp: { from: 1, to: 4 } });
    expect(after.canary).toMatchObject({ state: "passed", runs: [one, two, third], through: 3 });
    expect(started(queued)).toEqual([third]);
    await step();
    expect(started(queued)).toEqual(queued.slice(0, 2));
    expect((await actions()).slice(-2)).toEqual(["canary-begun user", "canary-passed system"]);
  });

  test("takes the oldest runs, whenever they parked", async () => {
    const [one = "", two = "", three = ""] = await parked(3);
    await resume({ canary: 2 });
    await step();
    expect((await canary())?.runs).toEqual([one, two]);
    expect(await stillParked()).toEqual([three]);
  });

  test.each([
    ["fails", (runId: string) => runOf(runId).then((run) => failRun(harness.deps, run, FAILURE))],
    [
      "stands by an error",
      (runId: string) => runOf(runId).then((run) => haltRun(harness.deps, run, FAILURE)),
    ],
  ])("fails when one of its runs %s: the holds stay, and so does the rest", async (_name, end) => {
    const ids = await parked(3);
    await resume({ canary: 2 });
    await step();
    await move(ids[0] ?? "", "release", "complete");
    await end(ids[1] ?? "");
    await harness.drains.run();
    expect(await now()).toMatchObject({
      holds: { manual: {} },
      canary: { state: "failed", reason: `The run ${ids[1]} failed` },
    });
    expect([(await now()).drain, await stillParked()]).toEqual([undefined, [ids[2]]]);
    expect((await actions()).at(-1)).toBe("canary-failed system");
    // Its runs are exempted no longer.
    const copy = await harness.deps.holds.get(flow.workspace, flow.flowId, flow.incarnation);
    expect(copy).not.toHaveProperty("canary");
  });

  test("race 35: replaces runs that somebody cancels, deletes or pauses", async () => {
    const ids = await parked(2);
    const queued = await dispatch(4);
    const [first = "", second = "", third = ""] = queued;
    await resume({ canary: 2 });
    await step();
    await cancelRun(harness.deps, ofRun(ids[0] ?? ""));
    await move(ids[1] ?? "", "release");
    await pauseRun(harness.deps, ofRun(ids[1] ?? ""));
    await deleteRun(harness.deps, ofRun(first));
    await step();
    expect((await canary())?.runs).toEqual([second, third]);
    expect(started(queued)).toEqual([second, third]);
  });

  test("race 35: does not count a run that somebody pauses at its end", async () => {
    const ids = await parked(2);
    await resume({ canary: 2 });
    await step();
    await move(ids[0] ?? "", "release", "complete");
    await move(ids[1] ?? "", "release");
    await pauseRun(harness.deps, ofRun(ids[1] ?? ""));
    await step();
    expect(await canary()).toMatchObject({ state: "passed", runs: [ids[0]], through: 1 });
  });

  test("race 35: of two at the same time, one begins", async () => {
    const [only = ""] = await parked(1);
    const both = await Promise.allSettled([resume({ canary: 1 }), resume({ canary: 1 })]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const [refused] = both.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused).toMatchObject({ code: "action_not_allowed" });
    await step();
    await move(only, "release", "complete");
    await harness.drains.run();
    expect(await now()).toMatchObject({ holds: {}, canary: { state: "passed", runs: [only] } });
    expect((await actions()).filter((action) => action.startsWith("canary"))).toEqual([
      "canary-begun user",
      "canary-passed system",
    ]);
  });

  test("with nothing to choose lifts the holds", async () => {
    await pause();
    await resume({ canary: 3 });
    await step();
    expect(await now()).toMatchObject({ holds: {}, canary: { state: "passed", runs: [] } });
  });

  test("fails when its time is over, by the sweeper too", async () => {
    await parked(1);
    await resume({ canary: 1, canaryWithin: "PT10M" });
    await step();
    harness.drains.stopAll();
    harness.now += 601_000;
    await sweep(harness.deps, LIMITS);
    expect(await now()).toMatchObject({ holds: { manual: {} }, canary: { state: "failed" } });
  });

  test("race 35: a drain that dies between the last end and the lift is continued", async () => {
    const [only = ""] = await parked(1);
    const [queued = ""] = await dispatch(1);
    await resume({ canary: 1 });
    await step();
    await move(only, "release", "complete");
    harness.drains.stopAll();
    harness.now += 61_000;
    await sweep(harness.deps, LIMITS);
    await harness.drains.run();
    expect(await now()).toMatchObject({ holds: {}, canary: { state: "passed" } });
    expect(started([queued])).toEqual([queued]);
  });

  test("race 35: a run fails as somebody else lifts the hold: the flow stays lifted", async () => {
    const [only = ""] = await parked(1);
    await resume({ canary: 1 });
    await step();
    await failRun(harness.deps, await runOf(only), FAILURE);
    await resume();
    await harness.drains.run();
    expect([(await now()).holds, await canary()]).toEqual([{}, undefined]);
  });

  test("is refused beside another canary, and beside a hold that this resume does not lift", async () => {
    await parked(1);
    await resume({ canary: 1 });
    const { rev } = await now();
    await expect(resume({ canary: 1 })).rejects.toMatchObject({ code: "action_not_allowed" });
    expect((await now()).rev).toBe(rev);
    await resume();
    await pause();
    const was = await now();
    const errors = { ...was.holds.manual, id: "errorserrorserro" } as never;
    await harness.deps.flows.change(was, { ...was, holds: { ...was.holds, errors }, rev: was.rev + 1 });
    await expect(resume({ canary: 1, holds: ["manual"] })).rejects.toMatchObject({
      code: "action_not_allowed",
    });
    expect((await resume({ canary: 1 })).canary?.holds).toHaveLength(2);
  });

  test("ends with a plain resume, with the end of its hold, and fails with another hold or a pause", async () => {
    const ids = await parked(3);
    await resume({ canary: 1 });
    await step();
    await pause({ reason: "stop" });
    expect(await now()).toMatchObject({ holds: { manual: {} }, canary: { state: "failed", reason: "stop" } });
    expect((await actions()).at(-1)).toBe("canary-failed user");
    await resume({ canary: 1 });
    harness.now = Date.parse((await now()).holds.manual?.resumeAt ?? "");
    await sweep(harness.deps, LIMITS);
    expect([(await now()).holds, await canary()]).toEqual([{}, undefined]);
    await harness.drains.run();
    expect(await stillParked()).toEqual([]);
    expect(ids).toHaveLength(3);
  });
});
