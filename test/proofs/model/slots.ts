import {
  flowOf,
  isHeld,
  isOver,
  liveRuns,
  type Model,
  type ModelFlow,
  type ModelRun,
  waitsForSlot,
  waitsInQueue,
} from "./state.ts";

const inOrder = (one: ModelRun, other: ModelRun): number =>
  other.priority - one.priority || one.order - other.order;

const ofFlow = (model: Model, flow: ModelFlow): ModelRun[] =>
  liveRuns(model).filter((run) => flowOf(model, run) === flow);

/** The key of the run's slot. */
const keyOf = (flow: ModelFlow, { payload }: ModelRun): number =>
  flow.limit?.byDigit ? Number(String(payload["id"]).at(-1)) % 2 : 0;

/** The runs that hold slots of the flow's limit. */
export const slotHolders = (model: Model, flow: ModelFlow): ModelRun[] =>
  ofFlow(model, flow).filter((run) => run.slot && !isOver(run));

export const waitingRuns = (model: Model, flow: ModelFlow): ModelRun[] =>
  ofFlow(model, flow).filter(waitsForSlot).sort(inOrder);

/** Sets the flow's limit. Every run under way gets a slot, also above the limit. */
export const setLimit = (model: Model, flow: ModelFlow, limit: ModelFlow["limit"] | null): void => {
  if (limit == null) {
    delete flow.limit;
    return;
  }
  flow.limit = limit;
  for (const run of ofFlow(model, flow)) if (!isOver(run) && !run.placed) run.slot = true;
};

/** Lets the records of the holds' queue leave it, once nothing holds the flow: those without a slot wait for one like the others. */
export const emptyQueue = (model: Model, flow: ModelFlow): void => {
  if (isHeld(flow)) return;
  const waited = waitingRuns(model, flow);
  for (const run of ofFlow(model, flow).filter((one) => waitsInQueue(one) && !one.waits)) {
    if (flow.limit === undefined || run.slot) leaveQueue(flow, run);
    else {
      run.waits = true;
      const key = keyOf(flow, run);
      if (waited.some((other) => keyOf(flow, other) === key && inOrder(run, other) < 0))
        model.overtakes = true;
    }
  }
};

/** Gives the free slots to the runs that wait, by priority and time. Returns whether any run got one. */
export const passOnSlots = (model: Model, flow: ModelFlow): boolean => {
  const { limit } = flow;
  const waiting = waitingRuns(model, flow);
  const used = Map.groupBy(slotHolders(model, flow), (run) => keyOf(flow, run));
  let given = 0;
  for (const run of waiting) {
    const key = keyOf(flow, run);
    const holders = used.get(key) ?? [];
    if (limit !== undefined && holders.length >= limit.most) continue;
    used.set(key, [...holders, run]);
    run.slot = limit !== undefined;
    run.waits = false;
    given += 1;
    // It goes to the queue of the holds with its slot. An execution that exists goes on to its gate.
    if (run.native || !isHeld(flow)) leaveQueue(flow, run);
  }
  return given > 0;
};

/** The run leaves its queue, and begins on the active version, unless it keeps its own. */
export const leaveQueue = (flow: ModelFlow, run: ModelRun): void => {
  run.placed = false;
  if (run.keepsVersion) return;
  run.version = flow.version;
  run.shape = flow.versions[flow.version] ?? "";
};
