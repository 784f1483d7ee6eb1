import { describe, expect, test } from "vitest";
import { tasks } from "../../../../test/harness/definitions.ts";
import { ANN, flowCalls, freshFlows } from "../../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../../test/harness/domain/hold-harness.ts";
import { playedRuns } from "../../../../test/harness/domain/played-run.ts";
import type { SluiceError } from "../../../model/errors.ts";
import { TASK_EVENT_VERSION } from "../../../model/machines/task-events.ts";
import type { FlowItem } from "../../../store/flows/flow-item.ts";
import { relisted } from "../../flows/held-steps/held-steps.ts";
import { showFlow } from "../../flows/show-flows.ts";
import { passGate, passInlineGate } from "../../gates/pass-gate.ts";
import { resumeRun } from "../../repair/resume-run.ts";
import { pauseRun } from "../../runs/pause-run.ts";
import { sweep } from "../../sweep/sweep.ts";
import { autoResume } from "../scheduled-resume.ts";
import { holdSteps } from "./hold-steps.ts";

const LIMITS = { perShard: 50, budgetMs: 60_000, concurrency: 1, tidy: { budgetMs: 5_000, concurrency: 1 } };

let harness: HoldHarness;
let flow: FlowItem;
freshFlows(async (fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause, resume, now } = flowCalls(() => ({ harness, flow }));

/** The flow's first version has a text, with states without a gate too. */
const withText = () =>
  harness.deps.versions.putText(flow, 1, "user", {
    StartAt: "Check",
    States: {
      ...(tasks("Check", "Charge", "Ship")["States"] as object),
      Free: {
        Type: "Task",
        Resource: "arn:aws:lambda:us-east-1:123456789012:function:free",
        Sluice: { Gate: "none" },
        End: true,
      },
      Shape: { Type: "Pass", End: true },
    },
  } as never);
const hold = async (steps: readonly string[], more: { resumeAt?: string; mode?: "reject" } = {}) => {
  await withText();
  return holdSteps(harness.deps, { ...asked(), mode: "queue", steps, ...more });
};
const shown = async () => showFlow(harness.deps, await now());
const refusal = async (work: Promise<unknown>): Promise<SluiceError> =>
  work.then(
    () => {
      throw new Error("It was not refused");
    },
    (error: unknown) => error as SluiceError,
  );
const lifts = async () => {
  const [first = ""] = (await shown()).holds.map(({ holdId }) => holdId);
  return first;
};

const { playedRun, drain } = playedRuns(() => ({ harness, flow }));

describe("a hold on steps", () => {
  test("leaves the flow active, and lists its states, its mode and its end", async () => {
    const resumeAt = new Date(harness.now + 3_600_000).toISOString();
    await hold(["Charge", "Free", "Shape", "Charge"], { resumeAt, mode: "reject" });
    const flowNow = await shown();
    expect(flowNow).toMatchObject({ status: "active", partlyHeld: true, mode: "queue" });
    expect(flowNow.resumeAt).toBeUndefined();
    expect(flowNow.holds).toMatchObject([
      {
        kind: "manual",
        mode: "reject",
        resumeAt,
        steps: ["Charge", "Free", "Shape"],
        unheld: ["Free", "Shape"],
      },
    ]);
    expect((await harness.deps.flows.audit(flow, 1))[0]).toMatchObject({
      ...{ action: "pause", actor: ANN, from: "active", to: "active" },
      steps: ["Charge", "Free", "Shape"],
    });
  });

  test("cannot hold a state whose function has a gate of an older package, until a visit shows a newer one", async () => {
    const inline = {
      ...(tasks("Pay") as { States: { Pay: object } }).States.Pay,
      Sluice: { Gate: "inline" },
    };
    await harness.deps.versions.putText(flow, 1, "user", {
      StartAt: "Pay",
      States: { Pay: inline },
    } as never);
    const listed = async () => {
      await holdSteps(harness.deps, { ...asked(), mode: "queue", steps: ["Pay"] });
      const { unheld } = (await shown()).holds[0] ?? {};
      await resume();
      return unheld;
    };
    expect(await listed()).toEqual(["Pay"]);
    const visit = async (pass: typeof passInlineGate) => {
      const run = await playedRun("Pay");
      harness.now += 1_000;
      const { workspace, flowId, incarnation, runId } = run.run;
      const entered = new Date(harness.now).toISOString();
      const event = { v: TASK_EVENT_VERSION, workspace, flowId, incarnation, execution: `${runId}.1` };
      await pass(run.deps, {
        ...event,
        op: "gate",
        kind: "step",
        type: "Task",
        state: "Pay",
        path: "",
        entered,
      });
    };
    await visit(passInlineGate);
    expect(await listed()).toBeUndefined();
    // An older package records its steps as a gate before the step does.
    await visit((deps, event) =>
      passGate(deps as typeof harness.deps & { historyMark: () => number }, event),
    );
    expect(await listed()).toEqual(["Pay"]);
  });

  test("needs states that the flow has", async () => {
    const refused = await refusal(hold(["Charge", "Nowhere"]));
    expect(refused).toMatchObject({ code: "invalid_request" });
    expect(refused.fields["errors"]).toMatchObject([{ path: "steps[1]" }]);
    expect(await now()).toEqual(flow);
    expect(harness.schedules.holdIds).toEqual([]);
  });

  test("may stand beside nine others and a whole pause, not more", async () => {
    await pause();
    for (let i = 0; i < 10; i += 1) await hold([i % 2 === 0 ? "Charge" : "Ship"]);
    expect(await refusal(hold(["Charge"]))).toMatchObject({ code: "action_not_allowed" });
    expect((await shown()).holds).toHaveLength(11);
    expect(harness.schedules.holdIds).toHaveLength(11);
  });

  test("is refused if the gates' copy became larger than 4 KB", async () => {
    const names = Array.from({ length: 50 }, (_, i) => `${i}`.padStart(80, "x"));
    await harness.deps.versions.putText(flow, 1, "user", tasks(...names) as never);
    const many = () => holdSteps(harness.deps, { ...asked(), mode: "queue", steps: names.slice(0, 45) });
    await many();
    expect(await refusal(many())).toMatchObject({ code: "invalid_request" });
    expect((await shown()).holds).toHaveLength(1);
    expect(harness.schedules.holdIds).toHaveLength(1);
  });

  test("ends by its own schedule, and by the sweeper if that is lost", async () => {
    const in10 = new Date(harness.now + 600_000).toISOString();
    await hold(["Charge"], { resumeAt: in10 });
    await hold(["Ship"], { resumeAt: new Date(harness.now + 1_200_000).toISOString() });
    const holdId = await lifts();
    harness.now += 600_000;
    const { workspace, flowId, incarnation } = flow;
    await autoResume(harness.deps, { workspace, flowId, incarnation, kind: "manual", holdId, tries: 0 });
    expect((await shown()).holds).toMatchObject([{ steps: ["Ship"] }]);
    harness.now += 600_000;
    await sweep(harness.deps, LIMITS);
    expect((await shown()).holds).toEqual([]);
    expect((await shown()).partlyHeld).toBeUndefined();
  });

  test("is lifted by its id, and by default with the manual holds", async () => {
    await pause();
    await hold(["Charge"]);
    await hold(["Ship"]);
    const charge = (await shown()).holds.find(({ steps }) => steps?.[0] === "Charge");
    await resume({ holds: [charge?.holdId ?? ""] });
    expect((await shown()).holds).toMatchObject([{ kind: "manual" }, { steps: ["Ship"] }]);
    expect((await harness.deps.flows.audit(flow, 1))[0]).toMatchObject({
      action: "resume",
      steps: ["Charge"],
    });
    await resume();
    expect((await shown()).holds).toEqual([]);
  });

  test("lists the states anew when another version is activated", async () => {
    await hold(["Charge"]);
    await harness.deps.versions.putText(flow, 2, "user", {
      StartAt: "Charge",
      States: { Charge: { Type: "Pass", End: true } },
    } as never);
    const next = await relisted(harness.deps, { ...(await now()), version: 2 });
    expect(Object.values(next.partialHolds ?? {})).toMatchObject([{ unheld: ["Charge"] }]);
  });

  test("lets runs start, pass its other states, and stand at the held one", async () => {
    await hold(["Charge"]);
    const before = await playedRun("Check");
    await before.gate();
    expect(before.passed).toBe(true);
    const at = await playedRun("Charge");
    await at.gate();
    expect(at.passed).toBe(false);
    const [holdId] = (await shown()).holds.map((one) => one.holdId);
    expect(await at.now()).toMatchObject({ status: "paused", pausedBy: { kind: "flow", holdIds: [holdId] } });
    await resume();
    await drain(at);
    expect([at.passed, at.wakes]).toEqual([true, 1]);
    expect((await at.now()).status).toBe("running");
  });

  test("race 42: leaves the status of a run whose branch it stops, which stands there through a pause and a resume", async () => {
    await hold(["Charge"]);
    const branch = await playedRun("Charge", "Fan[0]");
    await branch.gate();
    expect([branch.passed, branch.wakes]).toEqual([false, 0]);
    expect((await branch.now()).status).toBe("running");
    const of = { workspace: flow.workspace, runId: branch.run.runId, actor: ANN };
    await pauseRun(branch.deps, of);
    await resumeRun(branch.deps, of);
    expect([branch.passed, branch.wakes]).toEqual([false, 0]);
    await resume();
    await drain(branch);
    expect([branch.passed, branch.wakes]).toEqual([true, 1]);
  });
});
