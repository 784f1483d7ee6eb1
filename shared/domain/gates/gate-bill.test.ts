import { describe, expect, test } from "vitest";
import { tasks } from "../../../test/harness/definitions.ts";
import { flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import { notedCalls } from "../../../test/harness/table/noted-calls.ts";
import type { GateEvent } from "../../model/machines/task-events.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { Table } from "../../store/table.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { addSafetyHold } from "../holds/add-hold.ts";
import { pauseFlow } from "../holds/pause-flow.ts";
import { putCaps } from "../holds/put-caps.ts";
import { holdSteps } from "../holds/steps/hold-steps.ts";
import { passGate } from "./pass-gate.ts";
import { TaskError } from "./task-error.ts";

const STEPS = ["Check", "Charge", "Ship", "Refund"] as const;
const HOUR = 3_600_000;

let table: Table;
let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ table, harness, flow } = fresh);
});
const { asked, pause, resume } = flowCalls(() => ({ harness, flow }));

const dispatch = async (): Promise<string> => {
  const request = { ...asked(), starter: { actor: asked().actor, permissions: [] }, payload: {} };
  return (await dispatchRun(harness.deps, request)).record.runId;
};
/** Calls a gate of the run, and returns the calls that it makes of the table. */
const gate = async (runId: string, of: Pick<GateEvent, "kind" | "state">): Promise<string[]> => {
  harness.now += 1_000;
  const { workspace, flowId, incarnation } = flow;
  const noted = notedCalls(table);
  const { deps } = new HoldHarness(noted.table);
  const clock = harness.deps.clock;
  const event = {
    ...{ v: 2, op: "gate" as const, workspace, flowId, incarnation, execution: `${runId}.1` },
    ...{ type: "Task" as const, path: "", entered: new Date(harness.now).toISOString(), ...of },
  };
  await passGate({ ...deps, clock, historyMark: () => 24_000 }, event).catch(onlyPaused);
  return noted.calls;
};
const onlyPaused = (error: unknown): void => {
  if (!(error instanceof TaskError) || error.why !== "paused") throw error;
};
const enters = (runId: string, state: (typeof STEPS)[number]) => gate(runId, { kind: "step", state });
const hold = (state: string) => holdSteps(harness.deps, { ...asked(), mode: "queue", steps: [state] });
const capErrors = (percent?: number) =>
  putCaps(harness.deps, {
    ...asked(),
    caps: { errors: { count: 20, per: "minute", ...(percent === undefined ? {} : { percent }) } },
  });
const finish = () => pauseFlow(harness.deps, { ...asked(), mode: "finish", finishWithin: "PT2H" });
/** A canary that the run belongs to. */
const takeAlong = async (runId: string): Promise<void> => {
  const { canary } = await resume({ canary: 1 });
  const run = await harness.deps.runs.get(flow.workspace, runId);
  if (canary === undefined || run === undefined) throw new Error("There is no canary");
  const intent = { id: "i", kinds: ["wake" as const], tries: 0, due: new Date(harness.now).toISOString() };
  expect((await harness.deps.runs.joinCanary(run, canary.id, intent)).ok).toBe(true);
};

/** The hold, cap or canary that is placed before the gate is called. */
const PLACED: Readonly<Record<string, (runId: string) => Promise<unknown>>> = {
  nothing: async () => undefined,
  "a hold on another step": () => hold("Refund"),
  "ten holds on other steps": async () => {
    for (let held = 0; held < 10; held += 1) await hold(held % 2 === 0 ? "Refund" : "Ship");
  },
  "an error cap": () => capErrors(),
  "an error cap with a share": () => capErrors(10),
  "a pause that lets it finish": finish,
  "a canary that it belongs to": async (runId) => {
    await pause();
    await takeAlong(runId);
  },
  "a canary that it belongs to, through a hold on its step": async (runId) => {
    await hold("Charge");
    await takeAlong(runId);
  },
  "a resume that begins slowly": async () => {
    await pause();
    await resume({ drainRate: 4, ramp: { from: 1, stopOn: { failures: 1, percent: 10 } } });
  },
  "all of these at once": async (runId) => {
    await capErrors(10);
    await finish();
    await hold("Charge");
    await addSafetyHold(harness.deps, flow, { kind: "throughput", reason: "busy" });
    await takeAlong(runId);
  },
};

describe("a gate that lets a run go on reads one item and writes one, and the step's record,", () => {
  test.each(Object.keys(PLACED))("beside %s", async (name) => {
    await harness.deps.versions.putText(flow, 1, "user", tasks(...STEPS) as never);
    const runId = await dispatch();
    await enters(runId, "Check");
    await PLACED[name]?.(runId);
    expect(await enters(runId, "Charge")).toEqual(["reads F H HOLD", "writes R RUN", "writes R S"]);
    expect((await harness.deps.runs.get(flow.workspace, runId))?.currentStep?.name).toBe("Charge");
  });
});

test.each(["a pause that lets it finish", "a canary that it belongs to"])(
  "beside %s, the gate holds a run that is not exempt",
  async (name) => {
    const [exempt, other] = [await dispatch(), await dispatch()];
    await enters(exempt, "Check");
    if (name.startsWith("a canary")) await enters(other, "Check");
    await PLACED[name]?.(exempt);
    harness.now += HOUR / 2;
    await enters(other, "Check");
    await enters(other, "Charge");
    const held = await harness.deps.runs.get(flow.workspace, other);
    expect(held).toMatchObject({ status: "paused", pausedBy: { kind: "flow" } });
    expect(held?.currentStep?.name).not.toBe("Charge");
  },
);

test("the gate at the end reads the hold only where completions count", async () => {
  const reads = async (runId: string) =>
    (await gate(runId, { kind: "complete", state: "" })).filter((call) => call === "reads F H HOLD").length;
  const plain = await dispatch();
  await enters(plain, "Check");
  expect(await reads(plain)).toBe(0);
  await capErrors();
  const capped = await dispatch();
  await enters(capped, "Check");
  expect(await reads(capped)).toBe(0);
  await capErrors(10);
  const shared = await dispatch();
  await enters(shared, "Check");
  expect(await reads(shared)).toBe(1);
});
