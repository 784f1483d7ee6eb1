import { expect, test } from "vitest";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { changeBySystem } from "../runs/status-change.ts";
import { previewPause } from "./preview-pause.ts";

const HOUR = 3_600_000;

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked, pause } = flowCalls(() => ({ harness, flow }));
const dispatch = () =>
  dispatchRun(harness.deps, { ...asked(), starter: { actor: ANN, permissions: [] }, payload: {} });
const preview = (resumeAt: number, mode: FlowItem["mode"] = "queue") =>
  previewPause(harness.deps, { ...asked(), mode, resumeAt: new Date(resumeAt).toISOString() });

test("a preview counts runs by step, and expects as many records as arrived in the hour", async () => {
  // Half an hour into an hour, six records have arrived.
  harness.now = Math.ceil(harness.now / HOUR) * HOUR + HOUR / 2;
  for (let nth = 0; nth < 6; nth += 1) {
    const { record } = await dispatch();
    if (nth < 4) await enter(record.runId, nth < 3 ? "Charge" : "Ship");
  }
  expect(await preview(harness.now + 2 * HOUR)).toEqual({
    ...{ underWay: 6, waiting: 0, deadlinesMissed: 0, queuedByResume: 24, unheld: [] },
    inStep: [
      { state: "Charge", runs: 3 },
      { state: "Ship", runs: 1 },
    ],
  });
  expect((await preview(harness.now + 2 * HOUR, "reject")).queuedByResume).toBe(0);
});

test("queued records are not under way, and are counted as queued", async () => {
  await pause();
  await dispatch();
  await dispatch();
  expect(await preview(harness.now + HOUR, "reject")).toMatchObject({ underWay: 0, queuedByResume: 2 });
});

const enter = async (runId: string, name: string) => {
  const run = await harness.deps.runs.get(flow.workspace, runId);
  if (run === undefined) throw new Error("The run is gone");
  const currentStep = { name, stepId: `${name}-1`, entered: new Date(harness.now).toISOString() };
  await harness.deps.runs.changeStatus(run, [changeBySystem("begin", harness.now)], { set: { currentStep } });
};
