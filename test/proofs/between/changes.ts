import { dispatchRun } from "../../../shared/domain/dispatch/dispatch-run.ts";
import { activateByNumber, activateVersion } from "../../../shared/domain/flows/activate-version.ts";
import { deleteFlow } from "../../../shared/domain/flows/delete-flow.ts";
import { putOnFailure } from "../../../shared/domain/flows/put-on-failure.ts";
import { parkGate } from "../../../shared/domain/gates/park-gate.ts";
import { autoPause } from "../../../shared/domain/holds/begin-pause.ts";
import { drainBatch } from "../../../shared/domain/holds/drain-batch.ts";
import { pauseFlow } from "../../../shared/domain/holds/pause-flow.ts";
import { cancelPlan, planPause } from "../../../shared/domain/holds/plan-pause.ts";
import { putCaps } from "../../../shared/domain/holds/put-caps.ts";
import { resumeFlow } from "../../../shared/domain/holds/resume-flow.ts";
import { autoResume } from "../../../shared/domain/holds/scheduled-resume.ts";
import { holdSteps } from "../../../shared/domain/holds/steps/hold-steps.ts";
import { flowNotFound } from "../../../shared/domain/refusals.ts";
import { pauseBefore } from "../../../shared/domain/repair/pause-before.ts";
import { resumeRun } from "../../../shared/domain/repair/resume-run.ts";
import { cancelRun } from "../../../shared/domain/runs/cancel-run.ts";
import { deleteRun } from "../../../shared/domain/runs/delete-run.ts";
import { newIntent } from "../../../shared/domain/runs/intents.ts";
import { pauseRun } from "../../../shared/domain/runs/pause-run.ts";
import { performIntentOrLeave } from "../../../shared/domain/runs/perform-intent.ts";
import { changeBySystem, standing } from "../../../shared/domain/runs/status-change.ts";
import type { OperationId, PATHS } from "../../../shared/model/api/paths.ts";
import { executionName } from "../../../shared/model/machines/machine-names.ts";
import { TASK_EVENT_VERSION } from "../../../shared/model/machines/task-events.ts";
import { iso } from "../../../shared/model/time/clock.ts";
import { tasks } from "../../harness/definitions.ts";
import { ANN } from "../../harness/domain/held-flow.ts";
import type { HoldHarness } from "../../harness/domain/hold-harness.ts";
import type { Change, Subject } from "./subject.ts";
import { allows, TRANSITIONS, type Transition } from "./transitions.ts";
import { TRIGGER_CHANGES } from "./triggers.ts";

const ofRun = ({ run }: Subject) => ({ workspace: run.workspace, runId: run.runId, actor: ANN });
const ofFlow = ({ flow }: Subject) => ({ workspace: flow.workspace, flowId: flow.flowId, actor: ANN });
/** Later than the pause of the situation in which one ends. */
const PLANNED_MS = 20 * 86_400_000;
const plannedPause = (subject: Subject) => ({
  ...ofFlow(subject),
  ...{ mode: "reject" as const, startAt: iso(subject.harness.now + PLANNED_MS) },
});
const CAPS = { spend: { limit: 3, period: "day" as const } };

/** Operations of the API that change a run or a flow. */
type Changing = {
  [Id in OperationId]: (typeof PATHS)[Id] extends { method: "GET" }
    ? never
    : (typeof PATHS)[Id]["path"] extends `${string}{flowId}${string}` | `${string}{runId}${string}`
      ? Id
      : never;
}[OperationId];

/** A use case that reads and then writes. `test` looks between its read and its write. */
type UseCase = Change | { readonly elsewhere: string };

/** Nothing is compiled here, since the second version exists. */
const flowDependencies = ({ deps }: HoldHarness) => ({
  ...deps,
  compileSettings: (): never => {
    throw new Error("Nothing is compiled");
  },
});

/** The harness's versions have no text. */
const withDefinition = (deps: HoldHarness["deps"]): HoldHarness["deps"] => ({
  ...deps,
  versions: Object.assign(Object.create(deps.versions), { text: async () => tasks("One", "Next") }),
});

const publish: Change = async ({ harness, flow }) => {
  const record = await harness.deps.versions.read(flow, 2);
  if (record === undefined) throw flowNotFound(flow.flowId);
  return activateVersion(flowDependencies(harness), { flow, actor: ANN, action: "publish", record });
};

/** Changes after which all is as before, except the revision and the ids. */
const RUN_AGAIN = "another pause of the run";
const FLOW_AGAIN = "another pause of the flow";

/** Every operation that changes a run or a flow, and the functions that do so on their own. A new operation does not compile without. */
export const USE_CASES: Readonly<
  Record<
    | Changing
    | "pauseBefore"
    | "resumeForSteps"
    | "finishFlow"
    | "holdSteps"
    | "planPause"
    | "beginPause"
    | "liftById"
    | "resumeSlowly"
    | "beginCanary"
    | "autoResume"
    | "drain"
    | keyof typeof TRIGGER_CHANGES,
    UseCase
  >
> = {
  pauseRun: (subject) => pauseRun(subject.harness.deps, ofRun(subject)),
  pauseBefore: (subject) =>
    pauseBefore(withDefinition(subject.harness.deps), { ...ofRun(subject), before: "Next" }),
  resumeRun: (subject) => resumeRun(subject.harness.deps, ofRun(subject)),
  resumeForSteps: (subject) => resumeRun(subject.harness.deps, { ...ofRun(subject), steps: 2 }),
  cancelRun: (subject) => cancelRun(subject.harness.deps, ofRun(subject)),
  deleteRun: (subject) => deleteRun(subject.harness.deps, ofRun(subject)),
  pauseFlow: (subject) => pauseFlow(subject.harness.deps, { ...ofFlow(subject), mode: "queue" }),
  finishFlow: (subject) =>
    pauseFlow(subject.harness.deps, { ...ofFlow(subject), mode: "finish", finishWithin: "PT1H" }),
  planPause: (subject) => planPause(subject.harness.deps, plannedPause(subject)),
  cancelScheduledPause: (subject) => cancelPlan(subject.harness.deps, ofFlow(subject)),
  beginPause: async ({ harness, flow }) => {
    const { workspace, flowId, incarnation, scheduledPause } = flow;
    const planId = scheduledPause?.id ?? "none";
    const event = { workspace, flowId, incarnation, kind: "manual" as const, holdId: planId, tries: 0 };
    harness.schedules.begins.delete(planId); // it has fired
    await autoPause(harness.deps, { ...event, begins: true });
  },
  holdSteps: (subject) =>
    holdSteps(withDefinition(subject.harness.deps), { ...ofFlow(subject), mode: "queue", steps: ["Next"] }),
  resumeFlow: (subject) => resumeFlow(subject.harness.deps, ofFlow(subject)),
  liftById: (subject) => {
    const [hold = subject.flow.holds.manual] = Object.values(subject.flow.partialHolds ?? {});
    return resumeFlow(subject.harness.deps, { ...ofFlow(subject), holds: [hold?.id ?? "aaaaaaaaaaaaaaaa"] });
  },
  resumeSlowly: (subject) =>
    resumeFlow(subject.harness.deps, { ...ofFlow(subject), drainRate: 2, ramp: { from: 1, every: "PT1S" } }),
  beginCanary: (subject) => resumeFlow(subject.harness.deps, { ...ofFlow(subject), canary: 1 }),
  putFlowSettings: (subject) =>
    putOnFailure(subject.harness.deps, { ...ofFlow(subject), onFailure: "pause" }),
  putCaps: (subject) => putCaps(subject.harness.deps, { ...ofFlow(subject), caps: CAPS }),
  ...TRIGGER_CHANGES,
  activateVersion: (subject) =>
    activateByNumber(flowDependencies(subject.harness), { ...ofFlow(subject), version: 2 }),
  publishFlow: publish,
  deleteFlow: (subject) => deleteFlow(subject.harness.deps, ofFlow(subject)),
  dispatchRun: (subject) =>
    dispatchRun(subject.harness.deps, {
      ...ofFlow(subject),
      starter: { actor: ANN, permissions: [] },
      payload: {},
    }),
  attachFlow: { elsewhere: "test/acceptance/attached/attached-races.test.ts" },
  registerFlow: { elsewhere: "test/acceptance/attached/registered.test.ts" },
  bindFlow: { elsewhere: "test/acceptance/attached/registered.test.ts" },
  detachFlow: { elsewhere: "test/acceptance/attached/attached-races.test.ts" },
  dispatchBatch: { elsewhere: "shared/domain/dispatch/dispatch-run.ts does the work of each record" },
  replayRun: { elsewhere: "test/integration/api/replay.test.ts" },
  assignStep: { elsewhere: "test/acceptance/runs/inbox.test.ts" },
  completeStep: { elsewhere: "test/integration/engine/answers.test.ts" },
  autoResume: async ({ harness, flow }) => {
    const { workspace, flowId, incarnation, holds } = flow;
    const holdId = holds.manual?.id ?? "none";
    await autoResume(harness.deps, { workspace, flowId, incarnation, kind: "manual", holdId, tries: 0 });
  },
  drain: async ({ harness, flow }) => {
    const { workspace, flowId, incarnation, epoch, drain } = flow;
    const attempt = drain?.attempt ?? 1;
    await drainBatch(harness.deps, { workspace, flowId, incarnation, epoch, attempt, batches: 0 });
  },
};

const bySystem =
  (transition: Transition): Change =>
  async ({ harness, run }) => {
    const now = await harness.deps.runs.get(run.workspace, run.runId);
    if (now === undefined || now.deleted === true || !allows(now, transition)) throw new Error("not allowed");
    const at = harness.deps.clock.now();
    const pausedBy = { kind: "flow" as const, id: run.flowId, at: iso(at) };
    const patch =
      transition === "halt"
        ? standing(now, { error: "Oh", cause: "no", state: "One" }, at)
        : transition === "hold"
          ? { set: { pausedBy } }
          : transition === "release"
            ? { remove: ["pausedBy" as const] }
            : {};
    const written = await harness.deps.runs.changeStatus(now, [changeBySystem(transition, at)], patch);
    if (!written.ok) throw new Error("not allowed");
  };

/** The gate of the step's next state was refused and stores its token. */
const park: Change = async ({ harness, run }) => {
  const now = await harness.deps.runs.get(run.workspace, run.runId);
  if (now?.status !== "paused" || now.startedAt === undefined) throw new Error("not allowed");
  await parkGate(harness.deps, {
    ...{
      v: TASK_EVENT_VERSION,
      version: now.version,
      op: "park",
      token: harness.deps.ids.unique(),
      state: "Next",
      path: "",
    },
    ...{ execution: executionName(now), entered: iso(harness.deps.clock.now()) },
    ...{ workspace: now.workspace, flowId: now.flowId, incarnation: now.incarnation },
  });
};

/** The run continues in a fresh execution, at the same revision. */
const leaveExecution: Change = async ({ harness: { deps }, run }) => {
  const now = await deps.runs.get(run.workspace, run.runId);
  if (now?.status !== "running" || now.deleted === true) throw new Error("not allowed");
  const intent = newIntent(["start"], now.intent, deps.clock.now(), deps.ids);
  const written = await deps.runs.continueAsNew(now, intent);
  if (!written.ok) throw new Error("not allowed");
  await performIntentOrLeave(deps, written.run);
};

/** Every legal change that someone else may make in the meantime. */
export const RIVALS: Readonly<Record<string, Change>> = {
  ...Object.fromEntries(Object.entries(USE_CASES).filter(([, one]) => typeof one === "function")),
  ...Object.fromEntries(TRANSITIONS.map((transition) => [transition, bySystem(transition)])),
  park,
  "continue as new": leaveExecution,
  [RUN_AGAIN]: async (subject) => {
    await resumeRun(subject.harness.deps, ofRun(subject));
    await pauseRun(subject.harness.deps, ofRun(subject));
  },
  [FLOW_AGAIN]: async (subject) => {
    await resumeFlow(subject.harness.deps, ofFlow(subject));
    await pauseFlow(subject.harness.deps, { ...ofFlow(subject), mode: "reject" });
  },
} as Readonly<Record<string, Change>>;

/** What gates do, and the event about an execution. */
const OF_EXECUTIONS: ReadonlySet<string> = new Set<Transition>(["begin", "hold", "halt", "complete", "fail"]);

/** Whether nothing makes this change in the situation: a run that the canary has not let through has no execution. */
export const cannotHappen = (rival: string, situation: string): boolean =>
  situation === "a flow whose canary has begun" && OF_EXECUTIONS.has(rival);

/** Whether the rival leaves all as it was, except the revision: only the revision in a write's condition shows it. */
export const changesOnlyTheRevision = (rival: string, situation: string): boolean =>
  (rival === RUN_AGAIN && situation === "a run that a user paused") ||
  (rival === FLOW_AGAIN && situation === "a run that the flow holds");

/**
 * A use case and a rival that both succeed, where one after the other would be refused. A deletion continues one that has begun.
 * The run of a dispatch that was slower than the deletion of its flow has no machine to start on, and fails with that reason. A trigger that
 * was written after it goes with the last look at the flow's items.
 */
export const bothSucceed = (name: string, rival: string): boolean =>
  rival === "deleteFlow" && SLOW.includes(name);
const SLOW: readonly string[] = [
  "deleteFlow",
  "dispatchRun",
  "putTrigger",
  "disableTrigger",
  "deleteTrigger",
];
