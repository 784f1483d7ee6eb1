import { keeps, rampPass, waitsForRamp } from "../../model/holds/keeps.ts";
import { rampRate } from "../../model/holds/ramp.ts";
import { type DrainState, lastBatch } from "../../model/machines/loop-machine.ts";
import { iso } from "../../model/time/clock.ts";
import type { QueueItem } from "../../store/flows/queues.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import { type DrainDependencies, logFields } from "../deps.ts";
import { LATE_HOLD_READER_MS } from "../grace-periods.ts";
import { takeQueued } from "../runs/queued-run.ts";
import { wake } from "../runs/wake-run.ts";
import { countOpenRuns } from "../slots/count-open-runs.ts";
import { admitQueued } from "../slots/pass-on-slot.ts";
import { visitKeys } from "../slots/visit-keys.ts";
import { canaryBatch } from "./canary-batch.ts";
import { runningCanary } from "./canary-state.ts";
import { settleRamp } from "./ramp.ts";
import { nextRecount } from "./recount-queue.ts";
import { continueDrain, type Draining } from "./start-drain.ts";

/** Maximum number of parallel starts or wakes. */
const CONCURRENCY = 10;
/** The hold is read again after this many starts or wakes. */
const CHUNK = 50;
/** A batch ends after this time, well below the function's timeout. */
const BUDGET_MS = 20_000;

/**
 * Runs one batch of a drain: wakes the parked gates, then starts queued runs, oldest first, as many as the rate allows per
 * second. During a ramp, wakes count against the rate too. The drain continues only while its epoch is the flow's: any change of the holds ends it after the current chunk.
 * Returns whether and when the next batch starts.
 */
export const drainBatch = async (deps: DrainDependencies, state: DrainState): Promise<DrainState> => {
  const begun = deps.clock.now();
  const found = await ownFlow(deps, state);
  if (found?.uncounted !== undefined) return countBatch(deps, found, state);
  const canary = found && runningCanary(found);
  if (found !== undefined && canary !== undefined) return canaryBatch(deps, found, canary, state);
  const flow = found && (await settleRamp(deps, found, () => ownFlow(deps, state)));
  if (flow === undefined) return lastBatch(state);
  const batch: Batch = { flow, state, until: begun + BUDGET_MS };
  const rate = rateOf(flow, begun);
  const woken = await wakeParked(deps, batch, flow.ramp && rate);
  const started = await startQueued(deps, batch, flow.ramp === undefined ? rate : rate - woken.met);
  deps.log.info("Drained a batch", {
    ...logFields(flow),
    epoch: state.epoch,
    woken: woken.done,
    met: started.met,
  });
  // Items that failed are still there for the next batch. If all failed, the machine repeats the batch, with growing delays.
  const failures = [...woken.failures, ...started.failures];
  if (failures.length > 0 && woken.done + started.done === 0) throw failures[0];
  const isEmpty = woken.met + started.met === 0;
  if (isEmpty && flow.limited === true) return visitWaiting(deps, batch, begun);
  // A handler that read the hold before it was lifted may still park a gate or queue a record.
  const settled = Date.parse(flow.drain.since) + LATE_HOLD_READER_MS;
  if (!isEmpty || flow.ramp !== undefined) return next(deps, batch, begun + 1_000);
  if (begun < settled) return next(deps, batch, settled);
  await finish(deps, flow);
  return lastBatch(state);
};

const next = (
  deps: DrainDependencies,
  { flow, state }: Batch,
  at: number,
  slots?: DrainState["slots"],
): Promise<DrainState> => {
  const { slots: _seen, ...rest } = state;
  const following = slots === undefined ? rest : { ...rest, slots };
  return continueDrain(deps, flow, following, at);
};

/** Gives the runs that were under way when a concurrency limit was set their slots, before anything else takes one. */
const countBatch = async (
  deps: DrainDependencies,
  flow: Draining,
  state: DrainState,
): Promise<DrainState> => {
  const begun = deps.clock.now();
  const batch: Batch = { flow, state, until: begun + BUDGET_MS };
  const { open: from, ...rest } = state;
  // The drain visits the keys afterwards, also those of which a slot comes free here.
  const { rest: open } = await countOpenRuns(deps, flow, {
    from,
    mayContinue: () => mayContinue(deps, batch),
  });
  if (open === undefined) await deps.flows.endCount(flow, false);
  return continueDrain(deps, flow, open === undefined ? rest : { ...rest, open }, begun);
};

/**
 * Visits the keys of a flow with a concurrency limit, once the queue of its holds is empty: for some, a slot has come free, or the limit has
 * changed. The pass that ends the drain has begun when no handler is left that read an earlier limit.
 */
const visitWaiting = async (deps: DrainDependencies, batch: Batch, begun: number): Promise<DrainState> => {
  const { flow, state } = batch;
  const { after, since = iso(begun) } = state.slots ?? {};
  const max = rateOf(flow, begun);
  const { given, rest } = await visitKeys(deps, flow, {
    ...{ after, max },
    mayContinue: () => mayContinue(deps, batch),
  });
  deps.metrics.count("drainStarted", given);
  if (rest !== undefined)
    return next(deps, batch, begun + 1_000, {
      since,
      ...(rest.after === undefined ? {} : { after: rest.after }),
    });
  if (flow.ramp !== undefined) return next(deps, batch, begun + 1_000);
  const settled = Date.parse(flow.drain.since) + LATE_HOLD_READER_MS;
  if (Date.parse(since) < settled) return next(deps, batch, settled);
  await finish(deps, flow);
  return lastBatch(state);
};

/** Returns the flow if this execution is the one that drains it. */
const ownFlow = async (deps: DrainDependencies, state: DrainState): Promise<Draining | undefined> => {
  const flow = await deps.flows.read(state.workspace, state.flowId);
  if (flow?.drain === undefined || flow.incarnation !== state.incarnation || flow.deleting === true) {
    return undefined;
  }
  const { epoch, attempt } = flow.drain;
  const own = epoch === state.epoch && flow.epoch === epoch && attempt === state.attempt;
  return own ? { ...flow, drain: flow.drain } : undefined;
};

interface Batch {
  /** As it was last read. */
  flow: Draining;
  readonly state: DrainState;
  /** Epoch milliseconds. */
  readonly until: number;
}

/**
 * Whether the batch may continue: the holds have not changed, and there is time. Reads the flow, strongly consistent, so that the
 * records that follow begin on the version that is active now.
 */
const mayContinue = async (deps: DrainDependencies, batch: Batch): Promise<boolean> => {
  if (deps.clock.now() >= batch.until) return false;
  const flow = await ownFlow(deps, batch.state);
  if (flow === undefined) return false;
  batch.flow = flow;
  return true;
};

/** The items that a batch found, those that it processed, and the failures of the rest. */
interface Outcome {
  met: number;
  done: number;
  readonly failures: unknown[];
}

/** `limit`: how many are woken at most; absent for all. */
const wakeParked = async (
  deps: DrainDependencies,
  batch: Batch,
  limit = Number.POSITIVE_INFINITY,
): Promise<Outcome> => {
  const { workspace, flowId, incarnation } = batch.flow;
  const woken: Outcome = { met: 0, done: 0, failures: [] };
  const wakeOne = async (park: ParkItem): Promise<void> => {
    woken.met += 1;
    await letBegin(deps, batch.flow, park);
    await wake(deps, { workspace, flowId, incarnation, runId: park.runId }, park);
  };
  try {
    // The flow has just been read, so the hold need not be read before the first chunk.
    await each(freeParks(deps, batch, limit), woken, wakeOne, onceAChunk(deps, batch, true));
  } finally {
    deps.metrics.count("drainWoken", woken.done);
  }
  return woken;
};

/** Marks a native run that waits for the ramp before its park is woken: otherwise, its gate would park again. */
const letBegin = async (deps: DrainDependencies, flow: Draining, { runId }: ParkItem): Promise<void> => {
  if (flow.ramp === undefined || flow.attachment === undefined) return;
  const run = await deps.runs.get(flow.workspace, runId);
  if (run === undefined || !waitsForRamp(flow, run)) return;
  await deps.runs.updateAttributes(run, { set: { canary: rampPass(flow.ramp) } });
};

/** Returns the parks that no hold keeps, at most `limit`. */
async function* freeParks(deps: DrainDependencies, { flow }: Batch, limit: number): AsyncGenerator<ParkItem> {
  let left = limit;
  for await (const park of deps.parks.ofFlow(flow, limit)) {
    if (left <= 0) return;
    if (!(await isFree(deps, flow, park))) continue;
    left -= 1;
    yield park;
  }
}

/**
 * Whether no hold keeps the park. Its run is read only if it may be exempt, or if the park does not say its version, as in release 0.1.
 */
const isFree = async (deps: DrainDependencies, flow: Draining, park: ParkItem): Promise<boolean> => {
  const { version, state } = park;
  if (keeps(flow, undefined, version, state, deps.clock.now()) === undefined) return true;
  if (version !== undefined && !keepsRecords(deps, flow)) return false;
  const run = await deps.runs.get(flow.workspace, park.runId);
  return keeps(flow, run, version ?? run?.version, state, deps.clock.now()) === undefined;
};

/** Whether a hold keeps new records in the queue, beside a drain of the runs that it lets finish. */
const keepsRecords = ({ clock }: DrainDependencies, flow: Draining): boolean =>
  keeps(flow, undefined, undefined, undefined, clock.now()) !== undefined;

/** Earlier releases may have stored a fractional rate, which a query does not accept as its limit. */
const rateOf = ({ drain, ramp }: Draining, now: number): number =>
  ramp === undefined ? Math.max(1, Math.ceil(drain.rate)) : rampRate(ramp, now);

const startQueued = async (deps: DrainDependencies, batch: Batch, limit: number): Promise<Outcome> => {
  const { flow } = batch;
  const records = limit <= 0 || keepsRecords(deps, flow) ? [] : await deps.queues.head(flow, limit);
  const started: Outcome = { met: records.length, done: 0, failures: [] };
  const taken: RunItem[] = [];
  const take = async (record: QueueItem): Promise<void> => {
    const run =
      batch.flow.caps.concurrency == null
        ? await takeQueued(deps, flow, record, batch.flow)
        : await admitQueued(deps, flow, record, { hold: batch.flow, active: batch.flow });
    if (run !== undefined) taken.push(run);
  };
  try {
    // A slot belongs to the first of the queue.
    const concurrency = flow.caps.concurrency == null ? CONCURRENCY : 1;
    await each(records, started, take, onceAChunk(deps, batch), concurrency);
  } finally {
    deps.metrics.count("drainStarted", taken.length);
    const last = taken.at(-1);
    if (last !== undefined) await deps.counters.addQueued(flow, last.runId, -taken.length);
  }
  return started;
};

/** Calls `mayContinue` once per chunk. `known` is the answer for the first chunk. */
const onceAChunk = (
  deps: DrainDependencies,
  batch: Batch,
  known?: boolean,
): ((index: number) => Promise<boolean>) => {
  const answers: Promise<boolean>[] = known === undefined ? [] : [Promise.resolve(known)];
  return (index) => {
    const chunk = Math.floor(index / CHUNK);
    answers[chunk] ??= mayContinue(deps, batch);
    return answers[chunk];
  };
};

/** Processes the items, by default ten at a time. The failure of one does not hold up the others. */
const each = <T>(
  items: Iterable<T> | AsyncIterable<T>,
  outcome: Outcome,
  work: (item: T) => Promise<unknown>,
  mayContinueAt: (index: number) => Promise<boolean>,
  concurrency = CONCURRENCY,
): Promise<void> =>
  forEachConcurrent(items, { concurrency, mayContinue: mayContinueAt }, async (item) => {
    try {
      await work(item);
      outcome.done += 1;
    } catch (error) {
      outcome.failures.push(error);
    }
  });

/**
 * Ends the drain. Unless a hold keeps it, the queue is empty, so whatever remains in its counter was left by a process that died, and is
 * subtracted.
 * The queue is counted once more later, since the subtraction may be a retry of one that took effect.
 */
const finish = async (deps: DrainDependencies, flow: Draining): Promise<void> => {
  if (!keepsRecords(deps, flow)) await deps.counters.subtract(await deps.counters.read(flow));
  await deps.flows.endDrain(flow, nextRecount(deps.clock.now()));
  deps.log.info("The drain ended", { ...logFields(flow), epoch: flow.epoch });
};
