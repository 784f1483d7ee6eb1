import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Answer } from "../../harness/clients/client.ts";
import { OF_STEP_TWO, someIncident, WHOLE } from "./promises/incidents.ts";
import { LATEST, NEXT_TIME, TRIGGER, TRIGGER_PATH } from "./promises/triggers.ts";
import { DEFINITIONS, type Subject } from "./subject.ts";

/** Performs one operation, whose calls carry the mark. Resolves to the answer if it is a request. */
type Operation = (subject: Subject, mark: string) => Promise<Answer | undefined>;

const onRun =
  (method: string, path = "", body?: JsonObject): Operation =>
  (subject, mark) =>
    subject.call(method, `/runs/${subject.runId}${path}`, body, mark);
const onFlow =
  (method: string, path = "", body?: JsonObject): Operation =>
  (subject, mark) =>
    subject.call(method, `/flows/${subject.flowId}${path}`, body, mark);

/** Delivers the last event of a function again, if it was ever invoked. */
const again =
  (functionName: string): Operation =>
  async (subject, mark) => {
    const last = subject.last.get(functionName);
    if (last !== undefined) await subject.deliver(last.calledName, last.event as JsonObject, mark);
    return undefined;
  };

const flowItem = async ({ environment, flowId }: Subject): Promise<JsonObject | undefined> =>
  (await environment.ledger.flowItem(flowId)) as JsonObject | undefined;

/** A batch of the drain in progress, or of one that has ended. */
const drainBatch: Operation = async (subject, mark) => {
  const flow = await flowItem(subject);
  if (flow === undefined) return undefined;
  const { epoch, attempt } = (flow["drain"] ?? { epoch: flow["epoch"], attempt: 1 }) as JsonObject;
  const state = { workspace: "demo", flowId: subject.flowId, incarnation: flow["incarnation"] ?? "" };
  await subject.deliver(
    "sluice-drain",
    { ...state, epoch: epoch ?? 0, attempt: attempt ?? 1, batches: 0 },
    mark,
  );
  return undefined;
};

/** The event of the current hold, possibly before its time, or of one that is gone. */
const automaticResume: Operation = async (subject, mark) => {
  const flow = await flowItem(subject);
  if (flow === undefined) return undefined;
  const [kind = "manual", hold] = Object.entries((flow["holds"] ?? {}) as JsonObject)[0] ?? [];
  const holdId = String((hold as JsonObject | undefined)?.["id"] ?? "aaaaaaaaaaaaaaaa");
  const about = { workspace: "demo", flowId: subject.flowId, incarnation: flow["incarnation"] ?? "" };
  await subject.deliver("sluice-auto-resume", { ...about, kind, holdId, tries: 0 }, mark);
  return undefined;
};

/** The event of the planned pause, possibly before its time, or of one that is gone. */
const automaticPause: Operation = async (subject, mark) => {
  const flow = await flowItem(subject);
  if (flow === undefined) return undefined;
  const holdId = String((flow["scheduledPause"] as JsonObject | undefined)?.["id"] ?? "aaaaaaaaaaaaaaaa");
  const about = { workspace: "demo", flowId: subject.flowId, incarnation: flow["incarnation"] ?? "" };
  const event = { ...about, kind: "manual", holdId, tries: 0, begins: true };
  await subject.deliver("sluice-auto-resume", event, mark);
  return undefined;
};

/** Lifts the hold on a step by its id, or one that is gone. */
const liftStep: Operation = async (subject, mark) => {
  const [holdId = "aaaaaaaaaaaaaaaa"] = Object.keys((await flowItem(subject))?.["partialHolds"] ?? {});
  return subject.call("POST", `/flows/${subject.flowId}/resume`, { holds: [holdId] }, mark);
};

/** Resolves an incident, or one that there is not. */
const resolveIncident: Operation = async (subject, mark) => {
  const incidentId = someIncident(await subject.environment.ledger.read());
  return subject.call("POST", `/incidents/${incidentId ?? "none"}/resolve`, {}, mark);
};

/** Plans a pause that begins after the schedule is over. */
const planPause: Operation = (subject, mark) => {
  const startAt = new Date(subject.environment.now() + PLANNED_MS).toISOString();
  return subject.call("POST", `/flows/${subject.flowId}/pause`, { startAt }, mark);
};
/** Later than any hold of the situations that ends by itself. */
const PLANNED_MS = 3_600_000;

/** An hour's event of the trigger, or of one that is gone. */
const fire: Operation = async (subject, mark) => {
  const { environment, flowId } = subject;
  const incarnation = (await flowItem(subject))?.["incarnation"];
  if (incarnation === undefined) return undefined;
  const gone = { workspace: "demo", flowId, incarnation, triggerId: TRIGGER, generation: "aaaaaaaaaaaaaaaa" };
  const trigger = (await environment.ledger.triggerEvent(flowId, TRIGGER)) ?? gone;
  await subject.deliver("sluice-intake", { trigger: { ...trigger }, time: NEXT_TIME }, mark);
  return undefined;
};

/** A deployment's first step: registers the next version of the template. */
const register: Operation = async (subject, mark) => {
  const definition = subject.team.template(2);
  const answer = await subject.call("POST", `/flows/${subject.flowId}/register`, { definition }, mark);
  if (answer.status === 200)
    subject.team.registered(definition, answer.body["values"] as Record<string, string>);
  return answer;
};

/** Its last steps: the registered text gets into the machine, which is bound. */
const bind: Operation = async (subject, mark) => {
  await subject.team.deploy();
  return subject.call("POST", `/flows/${subject.flowId}/bind`, { stateMachineArn: subject.team.arn }, mark);
};

const bulk =
  (action: string, options: JsonObject = {}): Operation =>
  (subject, mark) =>
    subject.call("POST", "/bulk-operations", { action, runIds: [subject.runId], ...options }, mark);

const limitTo = (concurrency: { limit: number; key?: string } | null): Operation =>
  onFlow("PUT", "/caps", { concurrency });

/** Everything that may happen to a run or a flow concurrently. Each entry is paired with all the others. */
export const OPERATIONS = {
  dispatch: onFlow("POST", "/runs", { payload: {} }),
  "dispatch a batch": onFlow("POST", "/runs/batch", { records: [{ payload: {} }, { payload: {} }] }),
  "pause the run": onRun("POST", "/pause"),
  "pause the run before two": onRun("POST", "/pause", { before: "two" }),
  "resume the run": onRun("POST", "/resume"),
  "resume the run for a step": onRun("POST", "/resume", { steps: 1 }),
  "cancel the run": onRun("POST", "/cancel"),
  "delete the run": onRun("DELETE"),
  "replay the run": onRun("POST", "/replay"),
  "replay from the failed step": onRun("POST", "/replay", { from: "failed-step", version: "latest" }),
  "pause the flow": onFlow("POST", "/pause"),
  "pause the flow once runs have finished": onFlow("POST", "/pause", {
    mode: "finish",
    finishWithin: "PT1M",
  }),
  "plan a pause": planPause,
  "cancel the planned pause": onFlow("DELETE", "/scheduled-pause"),
  "begin the planned pause": automaticPause,
  "hold step two": onFlow("POST", "/pause", { steps: ["two"] }),
  "lift the hold on the step": liftStep,
  "open an incident": (subject, mark) => subject.call("POST", "/incidents", WHOLE(subject.flowId), mark),
  "open an incident of step two": (subject, mark) => subject.call("POST", "/incidents", OF_STEP_TWO, mark),
  "resolve the incident": resolveIncident,
  "resume the flow": onFlow("POST", "/resume"),
  "resume the flow with a canary": onFlow("POST", "/resume", { canary: 1 }),
  "resume the flow slowly": onFlow("POST", "/resume", {
    ramp: { from: 1, factor: 100, every: "PT1S", stopOn: { failures: 1 } },
  }),
  "resume the run elsewhere": onRun("POST", "/resume", { version: "same", detach: true }),
  "give the run up": onRun("POST", "/resume", { giveUp: true }),
  "hold failures": onFlow("PUT", "/settings", { onFailure: "pause" }),
  "set caps": onFlow("PUT", "/caps", { throughput: { limit: 1, per: "day" } }),
  "cap the errors": onFlow("PUT", "/caps", { errors: { count: 1, percent: 50, per: "day" } }),
  "limit the runs to one": limitTo({ limit: 1 }),
  "raise the limit": limitTo({ limit: 3 }),
  "limit by another key": limitTo({ limit: 1, key: "$.customer" }),
  "remove the limit": limitTo(null),
  "delete the flow": onFlow("DELETE"),
  publish: onFlow("PUT", "", { definition: { ...DEFINITIONS.plain, Comment: "later" }, runAs: "system" }),
  activate: onFlow("POST", "/versions/1/activate"),
  "complete the step": (subject, mark) =>
    subject.call(
      "POST",
      `/runs/${subject.runId}/steps/${subject.stepId || "none"}/complete`,
      { decision: "approved" },
      mark,
    ),
  "put the trigger": onFlow("PUT", TRIGGER_PATH, LATEST),
  "disable the trigger": onFlow("PUT", TRIGGER_PATH, { ...LATEST, enabled: false }),
  "delete the trigger": onFlow("DELETE", TRIGGER_PATH),
  "fire the trigger": fire,
  "trigger's event once more": again("sluice-intake"),
  attach: (subject, mark) =>
    subject.call("POST", `/flows/${subject.flowId}/attach`, { stateMachineArn: subject.team.arn }, mark),
  detach: onFlow("POST", "/detach", {}),
  register,
  bind,
  "start an execution": async (subject) => {
    await subject.startNatively();
    return undefined;
  },
  "gate once more": again("sluice-gate"),
  "park once more": again("sluice-park"),
  "drain batch": drainBatch,
  sweep: async (subject, mark) => {
    await subject.deliver("sluice-sweep", {}, mark);
    return undefined;
  },
  "automatic resume": automaticResume,
  "execution closed once more": again("sluice-execution-closed"),
  "bulk resume": bulk("resume"),
  "bulk resume elsewhere": bulk("resume", { version: "same" }),
  "bulk replay from the failed step": bulk("replay", { from: "failed-step" }),
  "bulk cancel": bulk("cancel"),
  "bulk batch once more": again("sluice-bulk-batch"),
} as const satisfies Record<string, Operation>;
/** Operations on the machine of a team, which are played most often where there is one. */
export const TEAM_OPERATIONS: ReadonlySet<string> = new Set<keyof typeof OPERATIONS>([
  ...(["attach", "detach", "register", "bind", "start an execution"] as const),
]);
export type OperationName = keyof typeof OPERATIONS;
export const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[];
