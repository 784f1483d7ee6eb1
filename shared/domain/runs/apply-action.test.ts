import { expect, test } from "vitest";
import { beforeFirst } from "../../../test/harness/domain/between.ts";
import { ANN, flowCalls, freshFlows } from "../../../test/harness/domain/held-flow.ts";
import type { HoldHarness } from "../../../test/harness/domain/hold-harness.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { pauseRun } from "./pause-run.ts";
import { changeBySystem } from "./status-change.ts";

let harness: HoldHarness;
let flow: FlowItem;
freshFlows((fresh) => {
  ({ harness, flow } = fresh);
});
const { asked } = flowCalls(() => ({ harness, flow }));

const started = async (): Promise<RunItem> => {
  const request = { ...asked(), starter: { actor: ANN, permissions: [] }, payload: {} };
  const { record } = await dispatchRun(harness.deps, request);
  return now(record.runId);
};
const now = async (runId: string): Promise<RunItem> => {
  const run = await harness.deps.runs.get(flow.workspace, runId);
  if (run === undefined) throw new Error("The run is gone");
  return run;
};
/** Pauses the run, whose first gate passes between the read and the write. */
const pauseAsItBegins = ({ runId }: RunItem, ifMatch?: number) => {
  const begin = async () =>
    harness.deps.runs.changeStatus(await now(runId), [changeBySystem("begin", harness.now)]);
  const runs = beforeFirst(harness.deps.runs, "changeStatus", begin);
  const request = { workspace: flow.workspace, runId, actor: ANN };
  return pauseRun({ ...harness.deps, runs }, ifMatch === undefined ? request : { ...request, ifMatch });
};

test("a pause whose write conflicts with a gate is repeated", async () => {
  const run = await started();
  expect(await pauseAsItBegins(run)).toMatchObject({ status: "paused", rev: run.rev + 2 });
});

test("a pause with If-Match is refused when a gate has changed the run since it was read", async () => {
  const run = await started();
  await expect(pauseAsItBegins(run, run.rev)).rejects.toMatchObject({
    code: "state_changed",
    fields: { currentStatus: "running", rev: run.rev + 1 },
  });
  expect(await now(run.runId)).toMatchObject({ status: "running", rev: run.rev + 1 });
});
