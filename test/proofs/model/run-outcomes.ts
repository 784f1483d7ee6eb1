import { type Part, payloadOf, SHAPES } from "../harness/flow-shapes.ts";
import {
  copyOf,
  flowOf,
  isHeld,
  isOver,
  type Model,
  type ModelFlow,
  type ModelRun,
  waitsInQueue,
} from "./state.ts";

export interface Expected {
  readonly status: number;
  readonly code?: string;
  /** Statuses that the run in the answer may have. */
  readonly run?: readonly string[];
  /** The status and code of each record of a batch. */
  readonly results?: readonly { readonly status: number; readonly code?: string }[];
}
/** One possible outcome of a command. */
export interface Outcome {
  readonly expected: Expected;
  readonly model: Model;
}

export const refused = (model: Model, status: number, code: string): Outcome => ({
  expected: { status, code },
  model,
});
export const notFound = (model: Model): Outcome => refused(model, 404, "not_found");

const DAY_MS = 86_400_000;
const DEFAULT_PRIORITY = 5;
const KEY_KEPT_MS = DAY_MS;
/** The sweeper removes an expired key within this time. */
const KEY_SLACK_MS = 3_600_000;

/** Resets the count at the start of a new UTC day. */
export const countDay = (flow: ModelFlow, now: number): void => {
  const day = Math.floor(now / DAY_MS);
  if (flow.used.day !== day) flow.used = { day, least: 0, most: 0 };
};

/** Counts a record. Returns both models, held by the cap and not, where a retry may have raised the count. */
const count = (model: Model, flow: ModelFlow, fresh: boolean): Model[] => {
  countDay(flow, model.now);
  flow.used.most += 1;
  if (fresh) flow.used.least += 1;
  const { cap, holds } = flow;
  if (cap === undefined || holds.throughput !== undefined || flow.used.most <= cap) return [model];
  const held = capped(model, flow.flowId);
  return flow.used.least > cap ? [held] : [held, model];
};

/** A copy in which the cap holds the flow. */
export const capped = (before: Model, flowId: string): Model => {
  const model = copyOf(before);
  const flow = model.flows[flowId];
  if (flow !== undefined) {
    flow.holds.throughput = model.now + 14 * DAY_MS;
    delete flow.canary;
  }
  return model;
};

export interface NewRecord {
  readonly flowId: string;
  readonly key?: number | undefined;
  readonly body?: number | undefined;
  /** The id in the payload of a trigger's record. No pause rejects it. */
  readonly trigger?: string;
  readonly priority?: number | undefined;
  /** An execution that is in progress already, and so queues for nothing but a slot. */
  readonly native?: true;
  readonly replay?: {
    readonly of: ModelRun;
    readonly version: number;
    readonly keepsVersion: boolean;
    readonly startAt: number;
  };
}

/** The outcomes of a record for a flow that exists. */
export const accept = (before: Model, asked: NewRecord): Outcome[] => {
  const model = copyOf(before);
  const flow = model.flows[asked.flowId];
  if (flow === undefined) return [notFound(before)];
  const key = asked.key === undefined ? undefined : keyName(asked.flowId, asked.key);
  const earlier = key === undefined ? [undefined] : earlierOf(model, key);
  const isRejected = flow.holds.manual !== undefined && flow.mode === "reject";
  const rejects = isRejected && asked.trigger === undefined;
  return earlier.flatMap((known): Outcome[] => {
    if (rejects) {
      return [known === undefined ? refused(before, 409, "flow_held") : answerOf(before, known, asked.body)];
    }
    if (known !== undefined) {
      const again = copyOf(model);
      return count(again, flowIn(again, asked), false).map((after) => answerOf(after, known, asked.body));
    }
    return count(model, flow, true).map((after) => ({
      expected: { status: 202, run: ["pending"] },
      model: withRun(after, asked, key),
    }));
  });
};

/** The outcomes of an execution that others start: its first gate makes the run, even in a held flow. */
export const nativeStart = (before: Model, flowId: string): Outcome[] => {
  const flow = before.flows[flowId];
  const made = { expected: { status: 200 } };
  if (flow?.holds.manual !== undefined && flow.mode === "reject") return [{ ...made, model: before }];
  const model = copyOf(before);
  return count(model, flowIn(model, { flowId }), true).map((after) => ({
    ...made,
    model: withRun(after, { flowId, native: true }, undefined),
  }));
};

const flowIn = (model: Model, { flowId }: NewRecord): ModelFlow => {
  const flow = model.flows[flowId];
  if (flow === undefined) throw new Error(`No flow ${flowId}`);
  return flow;
};

/** The run that used the key; both possibilities, while the key is about to expire. */
const earlierOf = (model: Model, key: string): (ModelRun | undefined)[] => {
  const known = Object.values(model.runs).findLast((run) => run.key === key);
  if (known?.deletedAt === undefined) return [known];
  const forgotten = model.now - known.deletedAt - KEY_KEPT_MS;
  if (forgotten < 0) return [known];
  return forgotten < KEY_SLACK_MS ? [known, undefined] : [undefined];
};

const answerOf = (model: Model, known: ModelRun, body: number | undefined): Outcome =>
  known.deletedAt !== undefined || known.body !== body
    ? refused(model, 422, "idempotency_key_reused")
    : { expected: { status: 202, run: ["pending"] }, model };

/** The id in the payload. The same key with the same body repeats the record word for word. */
export const recordId = (name: string, key: string | undefined, body = 0): string =>
  key === undefined ? name : `${key}-b${body}`;
export const keyName = (flowId: string, key: number): string => `${flowId}-k${key}`;

const withRun = (model: Model, asked: NewRecord, key: string | undefined): Model => {
  const flow = flowIn(model, asked);
  const { replay, body } = asked;
  model.made += 1;
  const name = `r${model.made}`;
  const version = replay?.version ?? flow.version;
  const payload =
    replay === undefined
      ? payloadOf(asked.trigger ?? recordId(name, key, body))
      : (replay.of.inputs[replay.startAt] ?? replay.of.payload);
  model.runs[name] = {
    ...{ name, flowId: flow.flowId, life: flow.life, version, shape: flow.versions[version] ?? "", payload },
    ...(replay === undefined ? {} : { replayOf: replay.of.name }),
    ...(key === undefined ? {} : { key, body: body ?? 0 }),
    keepsVersion: asked.native ?? replay?.keepsVersion ?? false,
    ...{
      native: asked.native ?? false,
      priority: asked.priority ?? replay?.of.priority ?? DEFAULT_PRIORITY,
      order: model.made,
    },
    ...{ slot: false, waits: flow.limit !== undefined && (asked.native === true || !isHeld(flow)) },
    ...{ startAt: replay?.startAt ?? 0, status: "pending", userPaused: false },
    placed: flow.limit !== undefined || (asked.native !== true && isHeld(flow)),
    ...{ halted: false, haltsOnFailure: false },
    ...{ began: false, at: replay?.startAt ?? 0, doc: structuredClone(payload), inputs: {} },
  };
  return model;
};

/** The actions that each status allows, written out so that the product's own table is checked against it. */
export const ALLOWED: Readonly<Record<ModelRun["status"], readonly string[]>> = {
  pending: ["pause", "cancel"],
  running: ["pause", "cancel"],
  paused: ["resume", "cancel"],
  waiting: ["cancel"],
  completed: [],
  failed: [],
  cancelled: [],
};

/** The refusal that a user's action on a run gets from the run's status alone. */
const refusalOf = (
  before: Model,
  name: string,
  action: "pause" | "resume" | "cancel",
  seen?: "fresh" | "stale",
): Outcome | undefined => {
  const run = before.runs[name];
  if (run === undefined || run.deletedAt !== undefined) return notFound(before);
  if (isOver(run)) return refused(before, 409, "run_already_terminal");
  if (seen === "stale") return refused(before, 409, "state_changed");
  if (action === "resume" && run.status === "paused" && !run.userPaused && !run.halted)
    return refused(before, 409, "flow_held");
  return ALLOWED[run.status].includes(action) ? undefined : refused(before, 409, "action_not_allowed");
};

/** The failed part begins again as a whole, with the input that it had. */
const tryAgain = (run: ModelRun): void => {
  run.halted = false;
  run.doc = structuredClone(run.inputs[run.at] ?? run.doc);
  delete run.inside;
};

/** The outcome of giving a run up, which only an error may have paused. */
export const giveUp = (before: Model, name: string): Outcome => {
  const refusal = refusalOf(before, name, "resume");
  const model = copyOf(before);
  const run = model.runs[name];
  if (refusal !== undefined || run === undefined) return refusal ?? notFound(before);
  if (!run.halted) return refused(before, 422, "resume_not_possible");
  run.status = "failed";

  run.halted = false;
  return { expected: { status: 200, run: ["failed"] }, model };
};

/**
 * The outcome of a resume on a version: a run goes on at the part at which it stands, unless that version has none there. `named`: the
 * request names that part, so that it begins again even if it has lanes.
 */
export const resumeElsewhere = (
  before: Model,
  name: string,
  version: "same" | "latest",
  named = false,
): Outcome => {
  const run = before.runs[name];
  const refusal = refusalOf(before, name, "resume");
  if (refusal !== undefined || run === undefined) return refusal ?? notFound(before);
  if (run.placed && version === "latest" && !run.keepsVersion) return control(before, name, "resume");
  const impossible = refused(before, 422, "resume_not_possible");
  if (run.placed) return impossible;
  if (!run.halted && inProgress(run)) return refused(before, 409, "step_in_progress");
  const flow = flowOf(before, run);
  const target = version === "same" ? run.version : (flow?.version ?? 0);
  if (flow !== undefined && !isOnMachine(flow, target)) return impossible;
  const shape = flow?.versions[target] ?? "";
  const own = SHAPES[run.shape]?.parts ?? [];
  const parts = SHAPES[shape]?.parts ?? [];
  const part = own[run.at];
  const hasBegun = run.halted || run.inside !== undefined;
  const repeats = hasBegun && isWide(part) && !named;
  // The part behind the last one is a state too, unless the run has passed it.
  if (part !== undefined && (run.at > parts.length || repeats)) return impossible;
  const outcome = resumed(before, name);
  const moved = outcome.model.runs[name];
  if (moved === undefined) return outcome;
  if (part === undefined) moved.at = parts.length;
  moved.version = target;
  moved.shape = shape;
  return outcome;
};

/** Whether anything of a paused run is not parked. */
const inProgress = ({ inside }: ModelRun): boolean => {
  if (inside === undefined) return false;
  if (inside.kind !== "lanes") return true;
  return !inside.lanes.every(({ stage }) => stage === "done" || stage === "gate");
};

/** The outcome of a user's action on a run. `seen`: the revision that If-Match names. */
export const control = (
  before: Model,
  name: string,
  action: "pause" | "resume" | "cancel",
  seen?: "fresh" | "stale",
): Outcome => {
  const model = copyOf(before);
  const refusal = refusalOf(before, name, action, seen);
  const run = model.runs[name];
  if (refusal !== undefined || run === undefined) return refusal ?? notFound(before);
  if (action !== "pause") {
    delete run.pauseBefore;
    delete run.stepsLeft;
  }
  if (action === "cancel") {
    run.status = "cancelled";
    run.userPaused = false;
    run.halted = false;
    run.placed = false;
    return { expected: { status: 200, run: ["cancelled"] }, model };
  }
  if (action === "resume") {
    const flow = flowOf(before, run);
    const isGone = flow !== undefined && !isOnMachine(flow, run.version);
    const repeats = run.halted && (isGone || isWide(SHAPES[run.shape]?.parts[run.at]));
    return repeats ? refused(before, 422, "resume_not_possible") : resumed(before, name);
  }
  run.userPaused = true;
  run.status = "paused";
  return { expected: { status: 200, run: ["paused"] }, model };
};

/** Whether the part has lanes, which would all be called again. */
const isWide = (part: Part | undefined): boolean => part?.kind === "fan" || part?.kind === "map";

/** The outcome of a resume that is possible. */
const resumed = (before: Model, name: string): Outcome => {
  const model = copyOf(before);
  const run = model.runs[name];
  if (run === undefined) return notFound(before);
  delete run.pauseBefore;
  delete run.stepsLeft;
  if (run.halted) tryAgain(run);
  run.userPaused = false;
  run.status = run.began ? "running" : "pending";
  // The answer shows the run after the call, and its gate may have been faster.
  const also = ["running", "paused", "waiting", "completed", "failed"];
  return { expected: { status: 200, run: [run.status, ...also] }, model };
};

/** A breakpoint before a part. A person resumes a run that they paused, and that would end the breakpoint. */
export const breakpoint = (before: Model, name: string, at: number): Outcome => {
  const model = copyOf(before);
  const run = model.runs[name];
  if (run === undefined || run.deletedAt !== undefined) return notFound(before);
  if (isOver(run)) return refused(before, 409, "run_already_terminal");
  if (run.userPaused || run.halted) return refused(before, 409, "action_not_allowed");
  const flow = run.placed && !run.keepsVersion ? flowOf(model, run) : undefined;
  const shape = flow === undefined ? run.shape : (flow.versions[flow.version] ?? "");
  if (at >= (SHAPES[shape]?.parts.length ?? 0)) return refused(before, 422, "invalid_request");
  run.pauseBefore = at;
  return { expected: { status: 200, run: [run.status] }, model };
};

export const forSteps = (before: Model, name: string, steps: number): Outcome => {
  const { expected, model } = control(before, name, "resume");
  const run = model.runs[name];
  if (expected.status === 200 && run !== undefined) run.stepsLeft = steps;
  return { expected, model };
};

export const deletion = (before: Model, name: string): Outcome => {
  const model = copyOf(before);
  const run = model.runs[name];
  if (run === undefined || run.deletedAt !== undefined) return notFound(before);
  if (!isOver(run) && run.status !== "paused" && !waitsInQueue(run)) {
    return refused(before, 409, "action_not_allowed");
  }
  run.deletedAt = model.now;
  return { expected: { status: 204 }, model };
};

/** @param from the index of a part, or a value of the API */
export const replay = (before: Model, name: string, from: "start" | "failed-step" | number): Outcome[] => {
  const run = before.runs[name];
  if (run === undefined || run.deletedAt !== undefined) return [notFound(before)];
  if (!isOver(run)) return [refused(before, 409, "action_not_allowed")];
  const impossible = [refused(before, 422, "replay_not_possible")];
  const flow = flowOf(before, run);
  if (flow === undefined) return impossible;
  const fromStart = from === "start" && run.startAt === 0;
  if (!fromStart && !isOnMachine(flow, run.version)) return impossible;
  if (fromStart) {
    // The whole record runs again on the newest version. Nothing depends on the old run's progress.
    const fresh = { ...run, inputs: {} };
    return accept(before, {
      flowId: run.flowId,
      replay: { of: fresh, version: flow.version, keepsVersion: false, startAt: 0 },
    });
  }
  if (from === "start") {
    if (!hasState(run, run.startAt)) return impossible;
    const again = { ...run, inputs: { [run.startAt]: run.payload } };
    return accept(before, {
      flowId: run.flowId,
      replay: { of: again, version: run.version, keepsVersion: true, startAt: run.startAt },
    });
  }
  const failedAt = run.status === "failed" ? run.failedAt : undefined;
  const at = from === "failed-step" ? failedAt : from;
  if (at === undefined || run.inputs[at] === undefined || !hasState(run, at)) return impossible;
  return accept(before, {
    flowId: run.flowId,
    replay: { of: run, version: run.version, keepsVersion: true, startAt: at },
  });
};

/** Whether an execution can begin on the version elsewhere than at its start. A team's machine has one definition. */
const isOnMachine = ({ kind, version: active }: ModelFlow, version: number): boolean =>
  kind === "published" || version === active;

/** Whether the run's version has the state of this index. The last one is a Pass. */
const hasState = (run: ModelRun, at: number): boolean => at <= (SHAPES[run.shape]?.parts.length ?? 0);
