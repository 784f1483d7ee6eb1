import {
  copyOf,
  flowOf,
  HOLDS,
  isOver,
  liveRuns,
  type Model,
  type ModelFlow,
  type ModelRun,
  waitsInQueue,
} from "./state.ts";

/** How long a canary of one run has. No sequence lasts longer without moving the clock by hours. */
export const CANARY_MINUTES = 30;

/** Whether the run goes through the holds of its flow. */
export const goesAlong = ({ canary }: ModelFlow, { name }: ModelRun): boolean =>
  canary?.taken.includes(name) === true;

/** Begins a canary of one run. `asked`: the kinds of the holds that it is to lift. */
export const sendCanary = (before: Model, flowId: string, asked: readonly string[]): Model | undefined => {
  const model = copyOf(before);
  const flow = model.flows[flowId];
  if (flow === undefined || flow.canary !== undefined) return undefined;
  const left = HOLDS.filter((kind) => flow.holds[kind] !== undefined && !asked.includes(kind));
  const hasSteps = flow.stepHolds.length > 0;
  const isHeld = Object.keys(flow.holds).length > 0 || hasSteps;
  if (!isHeld || left.length > 0 || (hasSteps && !asked.includes("manual"))) return undefined;
  flow.canary = { since: model.now, until: model.now + CANARY_MINUTES * 60_000, taken: [] };
  return model;
};

/** Judges the run of a running canary, chooses the next, or lifts the holds. Returns whether runs may go on now that could not before. */
export const judgeCanary = (model: Model, flow: ModelFlow): boolean => {
  const { canary } = flow;
  if (canary === undefined) return false;
  if (model.now >= canary.until) {
    delete flow.canary;
    return false;
  }
  const run = canary.run === undefined ? undefined : model.runs[canary.run];
  const place = run === undefined ? "replaced" : placeOf(run);
  if (place === "under way") return false;
  if (place === "failed") {
    delete flow.canary;
    return false;
  }
  const next = place === "replaced" ? oldest(model, flow) : undefined;
  if (next === undefined) {
    lift(flow, canary.since);
    return true;
  }
  canary.run = next.name;
  canary.taken.push(next.name);
  return true;
};

const placeOf = (run: ModelRun): "replaced" | "failed" | "through" | "under way" => {
  if (run.deletedAt !== undefined || run.status === "cancelled") return "replaced";
  if (run.status === "failed" || run.halted) return "failed";
  if (run.status === "completed" || run.status === "waiting") return "through";
  return run.userPaused ? "replaced" : "under way";
};

/** The oldest of the runs that stand at a gate, or else the head of the queue. */
const oldest = (model: Model, flow: ModelFlow): ModelRun | undefined => {
  const own = liveRuns(model).filter((run) => flowOf(model, run) === flow && !isOver(run));
  const standing = own.filter(
    (run) => run.status === "paused" && !run.userPaused && !run.halted && !run.placed,
  );
  const [first] = standing.length > 0 ? standing.sort(byAge) : own.filter(waitsInQueue).sort(byAge);
  return first;
};
const byAge = (a: ModelRun, b: ModelRun): number =>
  `${a.createdAt} ${a.runId}` < `${b.createdAt} ${b.runId}` ? -1 : 1;

/** The person who sent it after the start of a planned pause has ended that one, too. */
const lift = (flow: ModelFlow, since: number): void => {
  flow.holds = {};
  flow.stepHolds = [];
  if (flow.plan !== undefined && flow.plan.at === undefined && flow.plan.startAt <= since) delete flow.plan;
  delete flow.canary;
};
