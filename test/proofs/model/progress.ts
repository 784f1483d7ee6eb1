import { isDeepStrictEqual } from "node:util";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { type Part, RETRY_HOURS, SHAPES, WAIT_HOURS } from "../harness/flow-shapes.ts";
import { stepKey } from "../harness/ledger/step-calls.ts";
import { goesAlong, judgeCanary } from "./canary.ts";
import { emptyQueue, leaveQueue, passOnSlots } from "./slots.ts";
import {
  copyOf,
  flowOf,
  HOLDS,
  type Inside,
  isHeld,
  isOver,
  type Lane,
  liveRuns,
  type Model,
  type ModelFlow,
  type ModelRun,
  waitsInQueue,
} from "./state.ts";

export const HOUR_MS = 3_600_000;
/** How long runs may finish under a pause with the mode `finish`. Shorter than any hold. */
export const FINISH_HOURS = 7;
const MAX_HOLD_MS = 14 * 24 * HOUR_MS;
export const MAX_STEP_HOLDS = 10;

/** Advances the model to `now`. Everything that becomes due on the way happens in order, as when the clock is moved. */
export const passTime = (model: Model, now: number): void => {
  for (;;) {
    settle(model);
    const next = Math.min(...dueTimes(model));
    if (next > now) break;
    model.now = Math.max(model.now, next);
  }
  model.now = Math.max(model.now, now);
};

const dueTimes = (model: Model): number[] => [
  ...Object.values(model.flows).flatMap(planDue),
  ...Object.values(model.flows).flatMap(({ holds, stepHolds, canary }) => [
    ...Object.values(holds),
    ...(canary === undefined ? [] : [canary.until]),
    ...stepHolds.map(({ until }) => until),
  ]),
  ...liveRuns(model).flatMap((run) => {
    if (isOver(run) || run.inside === undefined) return [];
    if (run.inside.kind === "wait") return [run.inside.until];
    if (run.inside.kind === "approval") return [];
    return run.inside.lanes.flatMap(({ stage, until }) =>
      stage === "backoff" && until !== undefined ? [until] : [],
    );
  }),
];

/** When the planned pause begins: if it is of the whole flow and a person's pause stands then, at its end. */
const planDue = ({ plan, holds, exists }: ModelFlow): number[] => {
  if (plan === undefined || !exists) return [];
  return [plan.at === undefined ? Math.max(plan.startAt, holds.manual ?? 0) : plan.startAt];
};

/** Advances every run as far as it can get at this moment. */
const settle = (model: Model): void => {
  for (const flow of Object.values(model.flows)) {
    beginPlan(model, flow);
    endHolds(model, flow);
  }
  do moveRuns(model);
  while (Object.values(model.flows).filter((flow) => judgeCanary(model, flow)).length > 0);
};

/** A hold that begins ends a canary. */
const beginPlan = (model: Model, flow: ModelFlow): void => {
  const { plan } = flow;
  if (plan === undefined || planDue(flow).every((time) => time > model.now)) return;
  delete flow.plan;
  if (plan.resumeAt <= model.now) return;
  if (plan.at === undefined) {
    flow.holds.manual = plan.resumeAt;
    flow.mode = plan.mode;
    delete flow.finishUntil;
  } else if (flow.stepHolds.length < MAX_STEP_HOLDS) {
    flow.stepHolds.push({ at: plan.at, until: plan.resumeAt });
  } else return;
  delete flow.canary;
};

/** The end of a hold takes the place of a canary. */
const endHolds = ({ now }: Model, flow: ModelFlow): void => {
  const ended = HOLDS.filter((kind) => (flow.holds[kind] ?? Number.POSITIVE_INFINITY) <= now);
  const left = flow.stepHolds.filter(({ until }) => until > now);
  if (ended.length === 0 && left.length === flow.stepHolds.length) return;
  for (const kind of ended) delete flow.holds[kind];
  flow.stepHolds = left;
  delete flow.canary;
};

const moveRuns = (model: Model): void => {
  const flows = Object.values(model.flows).filter(({ exists }) => exists);
  for (const flow of flows) emptyQueue(model, flow);
  do for (const run of liveRuns(model)) moveRun(model, run);
  while (flows.filter((flow) => passOnSlots(model, flow)).length > 0);
};

const moveRun = (model: Model, run: ModelRun): void => {
  const flow = flowOf(model, run);
  if (flow !== undefined && goesAlong(flow, run) && waitsInQueue(run)) leaveQueue(flow, run);
  if (!run.placed) advanceRun(model, run);
};

/** Whether the only hold lets the run go on, since it began before. */
const mayFinish = ({ now }: Model, { holds, finishUntil }: ModelFlow, { began }: ModelRun): boolean =>
  began &&
  finishUntil !== undefined &&
  now < finishUntil &&
  HOLDS.every((kind) => kind === "manual" || holds[kind] === undefined);

/**
 * Asks a gate. A user's pause of the run, the holds of its flow and those of the part each close it, independently of the others. A hold on
 * a part keeps runs from entering it, and nothing inside it.
 */
type Gate = "open" | "closed";
const askGate = (model: Model, run: ModelRun, at?: number): Gate => {
  if (run.userPaused) return "closed";
  const flow = flowOf(model, run);
  if (flow === undefined || goesAlong(flow, run)) return "open";
  const isWhole = isHeld(flow) && !mayFinish(model, flow, run);
  if (!isWhole && !flow.stepHolds.some((hold) => hold.at === at)) return "open";
  run.status = "paused";
  return "closed";
};

const advanceRun = (model: Model, run: ModelRun): void => {
  const parts = SHAPES[run.shape]?.parts ?? [];
  for (;;) {
    if (isOver(run) || run.halted) return;
    const part = parts[run.at];
    if (part === undefined) {
      run.inputs[run.at] = structuredClone(run.doc);
      if (!run.userPaused) end(run, "completed");
      return;
    }
    if (run.inside === undefined) {
      if (askGate(model, run, run.at) === "closed") return;
      if (stopsHere(run)) return;
      enter(model, run, part);
    }
    if (!work(model, run, part)) return;
    run.at += 1;
    delete run.inside;
  }
};

/** Whether the run is paused at this part, because of a breakpoint or because it was resumed for a number of steps. */
const stopsHere = (run: ModelRun): boolean => {
  if (run.pauseBefore !== run.at && run.stepsLeft !== 0) return false;
  delete run.stepsLeft;
  run.began = true;
  run.userPaused = true;
  run.status = "paused";
  return true;
};

const enter = (model: Model, run: ModelRun, part: Part): void => {
  run.began = true;
  if (run.stepsLeft !== undefined) run.stepsLeft -= 1;
  run.haltsOnFailure = flowOf(model, run)?.holdsFailures ?? false;
  run.inputs[run.at] = structuredClone(run.doc);
  run.status = part.kind === "wait" || part.kind === "approval" ? "waiting" : "running";
  run.inside = insideOf(model, run, part);
};

const insideOf = (model: Model, run: ModelRun, part: Part): Inside => {
  const lane = (fns: readonly string[], doc: JsonObject): Lane => ({
    ...{ fns, index: 0, doc: structuredClone(doc), stage: "gate" },
  });
  switch (part.kind) {
    case "wait":
      return { kind: "wait", until: model.now + WAIT_HOURS * HOUR_MS };
    case "approval":
      return { kind: "approval" };
    case "task":
      return { kind: "lanes", gated: false, lanes: [lane([part.fn], run.doc)] };
    case "fan":
      return { kind: "lanes", gated: true, lanes: part.lanes.map((fns) => lane(fns, run.doc)) };
    case "map": {
      const items = run.doc["items"] as JsonObject[];
      return { kind: "lanes", gated: true, lanes: items.map((item) => lane(part.fns, item)) };
    }
  }
};

/** Advances the run inside a part; returns whether the part is done. */
const work = (model: Model, run: ModelRun, part: Part): boolean => {
  const { inside } = run;
  if (inside === undefined) return false;
  if (inside.kind === "wait") return model.now >= inside.until;
  if (inside.kind === "approval") {
    if (inside.answer === undefined) return false;
    if (inside.answer === "rejected") return caught(model, run, part, "Sluice.Rejected");
    run.doc = { ...run.doc, approval: { decision: "approved" } };
    return true;
  }
  const failed = inside.lanes.filter((lane) => laneFails(model, run, lane, inside.gated, part));
  if (failed.length > 0) {
    for (const { fns, doc } of inside.lanes) {
      for (const fn of fns) if (inside.gated) model.perhaps[stepKey(fn, doc)] = true;
    }
    return caught(model, run, part, "Oh");
  }
  if (inside.lanes.some(({ stage }) => stage !== "done")) return false;
  const docs = inside.lanes.map(({ doc }) => doc);
  if (part.kind === "task") run.doc = docs[0] ?? run.doc;
  else run.doc = { ...run.doc, [part.kind]: docs };
  return true;
};

/** Advances a branch as far as it can get; returns whether one of its tasks has failed for good. */
const laneFails = (model: Model, run: ModelRun, lane: Lane, gated: boolean, part: Part): boolean => {
  for (;;) {
    const fn = lane.fns[lane.index];
    if (fn === undefined) {
      lane.stage = "done";
      return false;
    }
    if (lane.stage === "gate") {
      if (gated && askGate(model, run) === "closed") return false;
      if (gated) run.status = "running";
      begin(model, lane, fn);
    }
    if (lane.stage === "backoff") {
      if (lane.until === undefined || model.now < lane.until) return false;
      begin(model, lane, fn);
    }
    if (model.blocked.includes(fn)) return false;
    if (model.failing.includes(fn)) {
      if (part.kind !== "task" || part.retries === undefined || lane.until !== undefined) return true;
      lane.stage = "backoff";
      lane.until = model.now + RETRY_HOURS * HOUR_MS;
      return false;
    }
    lane.doc = { ...lane.doc, [fn]: Number(lane.doc[fn] ?? 0) + 1 };
    lane.index += 1;
    lane.stage = "gate";
  }
};

const begin = (model: Model, lane: Lane, fn: string): void => {
  lane.stage = "call";
  const key = stepKey(fn, lane.doc);
  model.calls[key] = (model.calls[key] ?? 0) + 1;
};

/** Handles an error: returns true if the part catches it, otherwise fails the run, even a paused one. */
const caught = (model: Model, run: ModelRun, part: Part, error: string): boolean => {
  if ("catches" in part && part.catches) {
    run.doc = { ...run.doc, caught: { Error: error } };
    return true;
  }
  run.failedAt = run.at;
  if (run.haltsOnFailure) halt(run);
  else end(run, "failed");
  const flow = flowOf(model, run);
  if (flow?.errorCap && flow.holds.errors === undefined) {
    flow.holds.errors = model.now + MAX_HOLD_MS;
    delete flow.canary;
  }
  return false;
};

/**
 * Whether a failure holds a flow by `now`, perhaps anew, while another of its runs moves or leaves the queue. It is random whether the other one passes
 * its gate before. Or whether a drain puts a record before those that wait for slots.
 */
export const isRace = (before: Model, outcome: Model, now: number): boolean => {
  const after = copyOf(outcome);
  after.overtakes = false;
  passTime(after, now);
  if (after.overtakes) return true;
  return Object.values(after.flows).some((flow) => {
    const { holds, flowId } = flow;
    if (holds.errors === undefined || before.flows[flowId]?.holds.errors === holds.errors) return false;
    const moved = liveRuns(after).filter(
      (run) => run.flowId === flowId && (run.placed || !isDeepStrictEqual(run, before.runs[run.name])),
    );
    return moved.length > 1;
  });
};

/** An earlier pause by a user gives way to the error. */
const halt = (run: ModelRun): void => {
  run.status = "paused";
  run.userPaused = false;
  run.halted = true;
  delete run.inside;
};

const end = (run: ModelRun, status: "completed" | "failed"): void => {
  run.status = status;
  run.userPaused = false;
  delete run.pauseBefore;
  delete run.stepsLeft;
};

/** A copy of a document without what the model cannot know: who answered and when, and the text of a cause. */
export const normal = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== "object" || value === null) return value;
  const known = Object.entries(value).map(([key, inner]): [string, Json] => {
    if (key === "approval") return [key, { decision: (inner as JsonObject)["decision"] ?? null }];
    if (key === "caught") return [key, { Error: (inner as JsonObject)["Error"] ?? null }];
    return [key, normal(inner)];
  });
  return Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)));
};
