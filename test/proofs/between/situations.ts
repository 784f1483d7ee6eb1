import { dispatchRun } from "../../../shared/domain/dispatch/dispatch-run.ts";
import { drainBatch } from "../../../shared/domain/holds/drain-batch.ts";
import { keys } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import { ANN } from "../../harness/domain/held-flow.ts";
import { HoldHarness } from "../../harness/domain/hold-harness.ts";
import { RIVALS } from "./changes.ts";
import type { Change, Subject } from "./subject.ts";
import { TRIGGER_STEPS } from "./triggers.ts";

/** The earlier changes to the flow and its run, in order. `dispatch` creates the run. */
export const SITUATIONS: Readonly<Record<string, readonly string[]>> = {
  "a run that has started": ["dispatch"],
  "a run in a step": ["dispatch", "begin"],
  "a run that waits": ["dispatch", "begin", "wait"],
  "a run that a user paused": ["dispatch", "begin", "pauseRun"],
  "a run that the flow holds": ["dispatch", "begin", "pauseFlow", "hold"],
  "a flow with a held step": ["dispatch", "begin", "holdSteps"],
  "a queued run": ["pauseFlow", "dispatch"],
  "a queued run that a user paused": ["pauseFlow", "dispatch", "pauseRun"],
  "a run that is over": ["dispatch", "begin", "complete"],
  "a flow whose hold is at its end": ["pauseFlow", "dispatch", "end of the hold"],
  "a flow with a planned pause": ["dispatch", "planPause"],
  "a flow whose planned pause is due": ["dispatch", "planPause", "start of the planned pause"],
  "a flow that drains": ["pauseFlow", "dispatch", "resumeFlow"],
  "a paused flow with a held step": ["dispatch", "begin", "holdSteps", "pauseFlow", "hold"],
  "a flow whose canary has begun": ["pauseFlow", "dispatch", "beginCanary"],
  "a flow whose canary has let a run through": ["pauseFlow", "dispatch", "beginCanary", "drain"],
  "a flow that resumes slowly": ["pauseFlow", "resumeSlowly", "dispatch"],
  "a flow at the end of its ramp": ["pauseFlow", "resumeSlowly", "dispatch", "end of the ramp"],
  "a flow with a trigger": ["dispatch", "begin", "complete", "putTrigger"],
  "a held flow with a trigger that drops": ["dispatch", "a trigger that drops", "pauseFlow"],
  "a trigger whose latest record is queued": ["pauseFlow", "a trigger with latest", "its first time"],
};

/** In these, a drain's batch may choose a run that somebody stops before it is let through: the next batch replaces it. */
const COMPLETED_BY_NEXT_BATCH: ReadonlySet<string> = new Set(["a flow whose canary has begun"]);

/** Plays the next batch of the drain, where that completes what another change has interrupted. */
export const complete = async (situation: string, { harness, flow }: Subject): Promise<void> => {
  if (!COMPLETED_BY_NEXT_BATCH.has(situation)) return;
  const { workspace, flowId, incarnation } = flow;
  const { drain } = (await harness.deps.flows.read(workspace, flowId)) ?? {};
  if (drain === undefined) return;
  const { epoch, attempt } = drain;
  await drainBatch(harness.deps, { workspace, flowId, incarnation, epoch, attempt, batches: 1 });
};

let flows = 0;

const STEPS: Readonly<Record<string, Change>> = { ...RIVALS, ...TRIGGER_STEPS };

/** Prepares a situation. The harness's table is the one that `tableOf` makes. */
export const prepared = async (table: Table, situation: readonly string[]): Promise<Subject> => {
  flows += 1;
  const harness = new HoldHarness(table);
  const created = await harness.flow(table, `between-${flows}`);
  const { workspace, flowId, incarnation } = created;
  const second = { version: 2, machineVersionArn: "arn:2", runAs: "system", createdAt: created.createdAt };
  await table.put({ ...keys.version(workspace, flowId, incarnation, 2), ...second });
  let runId = "";
  const subject = async (): Promise<Subject> => {
    const flow = await harness.deps.flows.read(workspace, flowId);
    if (flow === undefined) throw new Error("The flow is gone");
    const [trigger] = await harness.deps.triggers.all(flow);
    const run = await harness.deps.runs.get(workspace, trigger?.latest?.runId ?? runId);
    const event = harness.triggerSchedules.events.get(trigger?.generation ?? "");
    return { harness, flow, run: run as Subject["run"], event };
  };
  for (const step of situation) {
    if (step === "dispatch") {
      const request = { workspace, flowId, starter: { actor: ANN, permissions: [] }, payload: {} };
      runId = (await dispatchRun(harness.deps, request)).record.runId;
    } else if (step === "end of the hold") {
      harness.now = Date.parse((await subject()).flow.holds.manual?.resumeAt ?? "");
    } else if (step === "end of the ramp") {
      harness.now += 1_000;
    } else if (step === "start of the planned pause") {
      harness.now = Date.parse((await subject()).flow.scheduledPause?.startAt ?? "");
    } else await STEPS[step]?.(await subject());
  }
  return subject();
};
