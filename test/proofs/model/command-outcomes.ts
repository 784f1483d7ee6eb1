import { sendCanary } from "./canary.ts";
import type { Action } from "./command.ts";
import { FINISH_HOURS, HOUR_MS, MAX_STEP_HOLDS } from "./progress.ts";
import {
  accept,
  breakpoint,
  control,
  deletion,
  type Expected,
  forSteps,
  giveUp,
  nativeStart,
  notFound,
  type Outcome,
  refused,
  replay,
  resumeElsewhere,
} from "./run-outcomes.ts";
import { setLimit } from "./slots.ts";
import {
  copyOf,
  HOLDS,
  isOver,
  liveRuns,
  type Model,
  type ModelFlow,
  type ModelRun,
  type StepHold,
} from "./state.ts";
import { deleteTrigger, firing, putTrigger } from "./trigger-outcomes.ts";

const MAX_HOLD_HOURS = 14 * 24;
const MAX_PLAN_HOURS = 90 * 24;

/** All possible outcomes of the action. There are several only where the order of concurrent work decides. */
export const outcomesOf = (before: Model, action: Action): Outcome[] => {
  switch (action.do) {
    case "publish":
      return before.flows[action.flow]?.bound === true
        ? [refused(before, 409, "flow_is_attached")]
        : [publication(before, action.flow, action.shape)];
    case "attach":
      return [attachment(before, action.flow, action.shape)];
    case "detach":
      return [detachment(before, action.flow)];
    case "start":
      return nativeStart(before, action.flow);
    case "dispatch":
    case "batch":
      return before.flows[action.flow]?.exists ? dispatches(before, action) : [notFound(before)];
    case "activate":
    case "pause flow":
    case "plan pause":
    case "cancel plan":
    case "hold step":
    case "lift step":
    case "resume flow":
    case "send canary":
    case "cap":
    case "cap errors":
    case "limit":
    case "hold failures":
    case "delete flow":
    case "put trigger":
    case "delete trigger":
      return before.flows[action.flow]?.exists ? [flowChange(before, action)] : [absent(before, action)];
    case "pause":
    case "resume":
    case "cancel":
      return [control(before, runAt(before, action.run)?.name ?? "", action.do, action.match)];
    case "pause before":
      return [breakpoint(before, runAt(before, action.run)?.name ?? "", action.at)];
    case "resume for steps":
      return [forSteps(before, runAt(before, action.run)?.name ?? "", action.steps)];
    case "resume elsewhere":
      return [
        resumeElsewhere(
          before,
          runAt(before, action.run)?.name ?? "",
          action.version,
          action.at !== undefined,
        ),
      ];
    case "give up":
      return [giveUp(before, runAt(before, action.run)?.name ?? "")];
    case "delete run":
      return [deletion(before, runAt(before, action.run)?.name ?? "")];
    case "replay":
      return replay(before, runAt(before, action.run)?.name ?? "", action.from);
    case "answer":
      return [answer(before, runAt(before, action.run), action.decision)];
    case "bulk":
      return [];
    case "fire":
      return firing(before, action);
    default:
      return [{ expected: { status: 200 }, model: onFunctions(copyOf(before), action) }];
  }
};

/** The run that a command refers to, counted from the newest. */
export const runAt = (model: Model, back: number): ModelRun | undefined => {
  const runs = Object.values(model.runs);
  return runs.length === 0 ? undefined : runs[runs.length - 1 - (back % runs.length)];
};

const onFunctions = (model: Model, action: Action): Model => {
  const without = (names: readonly string[], name: string) => names.filter((other) => other !== name);
  if (action.do === "block") model.blocked = [...without(model.blocked, action.fn), action.fn];
  if (action.do === "release") model.blocked = without(model.blocked, action.fn);
  if (action.do === "break") model.failing = [...without(model.failing, action.fn), action.fn];
  if (action.do === "mend") model.failing = without(model.failing, action.fn);
  return model;
};

const publication = (before: Model, flowId: string, shape: string): Outcome => {
  const model = copyOf(before);
  const flow = model.flows[flowId];
  if (flow === undefined) return notFound(before);
  const first = !flow.exists;
  if (first) {
    delete flow.cap;
    delete flow.limit;
    delete flow.plan;
    Object.assign(flow, reborn(flow));
  }
  flow.version = Math.max(0, ...Object.keys(flow.versions).map(Number)) + 1;
  flow.versions[flow.version] = shape;
  return { expected: { status: first ? 201 : 200 }, model };
};

/** Attaching again changes nothing; a template deploys a new version each time. */
const attachment = (before: Model, flowId: string, shape: string): Outcome => {
  const model = copyOf(before);
  const flow = model.flows[flowId];
  if (flow === undefined) return notFound(before);
  if (!flow.exists) {
    delete flow.limit;
    delete flow.plan;
    Object.assign(flow, reborn(flow));
  }
  const known = Object.keys(flow.versions).length;
  flow.version = flow.kind === "attached" ? 1 : known + 1;
  flow.versions[flow.version] ??= shape;
  flow.bound = true;
  return { expected: { status: 200 }, model };
};

/** Failed runs are not in the way, other than for a deletion. */
const detachment = (before: Model, flowId: string): Outcome => {
  if (liveRuns(before).some((run) => run.flowId === flowId && !isOver(run)))
    return refused(before, 409, "flow_has_open_runs");
  const model = copyOf(before);
  Object.assign(model.flows[flowId] ?? {}, { bound: false, version: 0 });
  return { expected: { status: 200 }, model };
};

const reborn = ({ flowId, kind, life }: ModelFlow): ModelFlow => ({
  ...{
    flowId,
    kind,
    bound: false,
    exists: true,
    life: life + 1,
    version: 0,
    versions: {},
    mode: "queue",
    holds: {},
    stepHolds: [],
    errorCap: false,
    holdsFailures: false,
  },
  used: { day: -1, least: 0, most: 0 },
});

/** A hold that is too long is refused before the flow is looked up. */
const absent = (before: Model, action: Action): Outcome =>
  ((action.do === "pause flow" || action.do === "hold step") && tooFar(action.hours)) ||
  (action.do === "plan pause" && action.after > MAX_PLAN_HOURS)
    ? refused(before, 422, "invalid_request")
    : notFound(before);
const tooFar = (hours = 0): boolean => hours > MAX_HOLD_HOURS;

type FlowAction = Extract<
  Action,
  {
    do:
      | "activate"
      | "pause flow"
      | "plan pause"
      | "cancel plan"
      | "hold step"
      | "lift step"
      | "resume flow"
      | "send canary"
      | "cap"
      | "cap errors"
      | "limit"
      | "hold failures"
      | "delete flow"
      | "put trigger"
      | "delete trigger";
  }
>;

const flowChange = (before: Model, action: FlowAction): Outcome => {
  const model = copyOf(before);
  const flow = model.flows[action.flow];
  if (flow === undefined) return notFound(before);
  const done: Outcome = { expected: { status: 200 }, model };
  const isRefused = action.do === "activate" || action.do === "delete flow";
  if (flow.bound && isRefused) return refused(before, 409, "flow_is_attached");
  switch (action.do) {
    case "put trigger":
      return putTrigger(before, action);
    case "delete trigger":
      return deleteTrigger(before, action.flow);
    case "activate":
      flow.version = versionBack(flow, action.back);
      return done;
    case "cap":
      if (action.limit === null) delete flow.cap;
      else flow.cap = action.limit;
      return done;
    case "cap errors":
      flow.errorCap = action.on;
      return done;
    case "limit":
      setLimit(model, flow, action.most === null ? null : { most: action.most, byDigit: action.byDigit });
      return done;
    case "hold failures":
      flow.holdsFailures = action.on;
      return done;
    case "pause flow":
      if (tooFar(action.hours)) return refused(before, 422, "invalid_request");
      if (flow.holds.manual !== undefined) {
        if (flow.canary === undefined) return refused(before, 409, "action_not_allowed");
        delete flow.canary; // which is all that the pause stops
        return done;
      }
      delete flow.canary;
      flow.holds.manual = model.now + (action.hours ?? MAX_HOLD_HOURS) * HOUR_MS;
      flow.mode = action.mode === "finish" ? "queue" : action.mode;
      delete flow.finishUntil;
      if (action.mode === "finish") flow.finishUntil = model.now + FINISH_HOURS * HOUR_MS;
      return done;
    case "plan pause": {
      if (action.after > MAX_PLAN_HOURS) return refused(before, 422, "invalid_request");
      const startAt = model.now + action.after * HOUR_MS;
      const { at, mode } = action;
      if (at === undefined && (flow.holds.manual ?? 0) > startAt)
        return refused(before, 409, "action_not_allowed");
      const resumeAt = startAt + action.hours * HOUR_MS;
      flow.plan = { startAt, resumeAt, mode, ...(at === undefined ? {} : { at }) };
      return done;
    }
    case "cancel plan":
      if (flow.plan === undefined) return refused(before, 404, "not_found");
      delete flow.plan;
      return { expected: { status: 204 }, model };
    case "hold step":
      if (tooFar(action.hours)) return refused(before, 422, "invalid_request");
      if (flow.stepHolds.length >= MAX_STEP_HOLDS) return refused(before, 409, "action_not_allowed");
      flow.stepHolds.push({ at: action.at, until: model.now + (action.hours ?? MAX_HOLD_HOURS) * HOUR_MS });
      delete flow.canary;
      return done;
    case "lift step": {
      const lifted = stepHoldAt(flow, action.nth);
      if (lifted === undefined) return refused(before, 409, "action_not_allowed");
      flow.stepHolds = flow.stepHolds.filter((hold) => hold !== lifted);
      delete flow.canary;
      return done;
    }
    case "resume flow": {
      const asked = action.holds ?? HOLDS;
      const standing = asked.filter((kind) => flow.holds[kind] !== undefined);
      const liftsSteps = asked.includes("manual") && flow.stepHolds.length > 0;
      if (standing.length === 0 && !liftsSteps) return refused(before, 409, "action_not_allowed");
      if (action.ramp && standing.length < Object.keys(flow.holds).length)
        return refused(before, 409, "action_not_allowed");
      // A plan that waits for the end of the pause goes with it.
      const isWaiting =
        flow.plan !== undefined && flow.plan.at === undefined && flow.plan.startAt <= model.now;
      if (standing.includes("manual") && isWaiting) delete flow.plan;
      delete flow.canary;
      for (const kind of standing) delete flow.holds[kind];
      if (liftsSteps) flow.stepHolds = [];
      return done;
    }
    case "send canary": {
      const sent = sendCanary(before, action.flow, action.holds ?? HOLDS);
      return sent === undefined ? refused(before, 409, "action_not_allowed") : { ...done, model: sent };
    }
    case "delete flow": {
      const open = liveRuns(model).some(
        (run) => run.flowId === action.flow && (!isOver(run) || run.status === "failed"),
      );
      if (open) return refused(before, 409, "flow_has_open_runs");
      flow.exists = false;
      delete flow.trigger;
      return { expected: { status: 204 }, model };
    }
  }
};

/** The hold on a part that a command refers to. */
export const stepHoldAt = ({ stepHolds }: ModelFlow, nth: number): StepHold | undefined =>
  stepHolds[nth % Math.max(1, stepHolds.length)];

export const versionBack = ({ version, versions }: ModelFlow, back: number): number => {
  const numbers = Object.keys(versions).map(Number);
  return numbers[numbers.length - 1 - (back % numbers.length)] ?? version;
};

const dispatches = (before: Model, action: Extract<Action, { do: "dispatch" | "batch" }>): Outcome[] => {
  const { flow: flowId } = action;
  if (action.do === "dispatch")
    return accept(before, { flowId, key: action.key, body: action.body, priority: action.priority });
  let outcomes: { model: Model; results: Expected[] }[] = [{ model: before, results: [] }];
  for (let made = 0; made < action.size; made += 1) {
    outcomes = outcomes.flatMap(({ model, results }) =>
      accept(model, { flowId }).map((next) => ({ model: next.model, results: [...results, next.expected] })),
    );
  }
  return outcomes.map(({ model, results }) => ({ expected: { status: 200, results }, model }));
};

const answer = (before: Model, asked: ModelRun | undefined, decision: "approved" | "rejected"): Outcome => {
  const model = copyOf(before);
  const run = asked === undefined ? undefined : model.runs[asked.name];
  if (run === undefined || run.deletedAt !== undefined || run.stepId === undefined) return notFound(before);
  const { inside } = run;
  if (isOver(run) || inside?.kind !== "approval" || inside.answer !== undefined) {
    return refused(before, 409, "step_already_completed");
  }
  inside.answer = decision;
  return { expected: { status: 200 }, model };
};

/** Whether this many more records may reach the flow's cap. */
export const mayBeCapped = (model: Model, flowId: string, more: number): boolean => {
  const flow = model.flows[flowId];
  if (flow?.cap === undefined || flow.holds.throughput !== undefined) return false;
  return flow.used.most + more > flow.cap;
};

export const matches = (model: Model, flowId: string, status: string | undefined): ModelRun[] =>
  liveRuns(model).filter((run) => run.flowId === flowId && (status === undefined || run.status === status));

export interface BulkOutcome {
  readonly succeeded: number;
  readonly skipped: number;
  readonly model: Model;
}

/** The outcomes of a bulk operation: of each run by itself, as for a single call. */
export const bulkOutcomes = (before: Model, action: Extract<Action, { do: "bulk" }>): BulkOutcome[] => {
  let outcomes: BulkOutcome[] = [{ succeeded: 0, skipped: 0, model: before }];
  for (const { name } of matches(before, action.flow, action.status)) {
    outcomes = outcomes.flatMap(({ succeeded, skipped, model }) =>
      single(model, name, action.action).map(({ expected, model: next }) =>
        expected.status < 300
          ? { succeeded: succeeded + 1, skipped, model: next }
          : { succeeded, skipped: skipped + 1, model: next },
      ),
    );
  }
  return outcomes;
};

const single = (model: Model, name: string, action: Extract<Action, { do: "bulk" }>["action"]): Outcome[] => {
  switch (action) {
    case "delete":
      return [deletion(model, name)];
    case "replay":
      return replay(model, name, "start");
    case "replay from the failed step":
      return replay(model, name, "failed-step");
    case "resume on the same":
      return [resumeElsewhere(model, name, "same")];
    case "resume on the latest":
      return [resumeElsewhere(model, name, "latest")];
    case "give up":
      return [giveUp(model, name)];
    default:
      return [control(model, name, action)];
  }
};
