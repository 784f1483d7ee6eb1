import { iso } from "../../model/time/clock.ts";
import { isHeld } from "../../store/flows/holds.ts";
import type { QueueItem } from "../../store/flows/queues.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { logFields, type RunDependencies } from "../deps.ts";
import { newIntent } from "./intents.ts";
import { startRun } from "./start-run.ts";

/** A run that stands in its flow's queue. One that a user has paused keeps its place and is not in it. */
export const isQueued = (run: RunItem): run is RunItem & { readonly queuedAt: string } =>
  run.status === "pending" && run.queuedAt !== undefined;

/**
 * After the queue item is written: whoever lifts the hold writes first and reads the queue second, so either they find the item,
 * or the hold that is read here is theirs, and the run is taken off the queue again. Counted are those that a hold keeps: of a flow that
 * nothing holds, nobody would put the counter right. Returns the run as it is then.
 */
export const afterQueueing = async (
  deps: RunDependencies,
  run: RunItem,
  item: QueueItem,
): Promise<RunItem> => {
  if (isHeld(await deps.holds.get(run.workspace, run.flowId, run.incarnation))) {
    await count(deps, run, 1);
    return run;
  }
  const taken = await takeQueued(deps, run, item);
  return taken ?? (await deps.runs.get(run.workspace, run.runId)) ?? run;
};

/**
 * Puts a run back at its place in the queue, or starts it where nothing holds the flow: then there may be no drain either that would
 * meet the item of one who died before its removal, so none is put. The intent that asks for it is cleared by the caller.
 */
export const requeue = async (deps: RunDependencies, run: RunItem): Promise<void> => {
  if (!isQueued(run)) return;
  const item = { runId: run.runId, time: run.queuedAt, nonce: deps.ids.unique() };
  if (!isHeld(await deps.holds.get(run.workspace, run.flowId, run.incarnation))) {
    await startQueued(deps, run, item);
    return;
  }
  await deps.queues.put(run, item);
  await afterQueueing(deps, run, item);
};

/**
 * Takes one record off the queue and starts it: the run first, with the intent to start, then the execution, then the item. A death
 * after any of them is made good by the next who meets the item, or by the sweeper. Returns the run where this call took it off;
 * undefined where it had left the queue before: started, cancelled, deleted or paused. Throws when it cannot be started now.
 */
export const takeQueued = async (
  deps: RunDependencies,
  flow: Pick<RunItem, "workspace" | "flowId" | "incarnation">,
  item: QueueItem,
): Promise<RunItem | undefined> => {
  const taken = await startQueued(deps, flow, item);
  await deps.queues.remove(flow, item);
  return taken;
};

const startQueued = async (
  deps: RunDependencies,
  { workspace }: Pick<RunItem, "workspace">,
  item: QueueItem,
): Promise<RunItem | undefined> => {
  const now = deps.clock.now();
  const intent = newIntent(["start"], undefined, now, deps.ids);
  const written = await deps.runs.dequeue(workspace, item, intent, iso(now));
  const run = written.ok ? written.run : unfinished(written.current);
  if (run !== undefined) await startRun(deps, run);
  return written.ok ? written.run : undefined;
};

/** Taken off by one who died before the start, perhaps. */
const unfinished = (run: RunItem | undefined): RunItem | undefined =>
  run?.status === "pending" && run.queuedAt === undefined && run.startedAt === undefined ? run : undefined;

/** The run has left the queue by another way than a start; `before`: as it stood. Best effort: a drain would drop the item. */
export const leaveQueue = async (deps: RunDependencies, before: RunItem, forGood: boolean): Promise<void> => {
  const { queuedAt } = before;
  if (queuedAt === undefined) return;
  try {
    // One that is paused may come back to its place, and then the item is a new one.
    if (forGood) await deps.queues.forget(before, before.runId, queuedAt);
  } catch (error) {
    deps.log.warn("A queue item is left over", { ...logFields(before), error: error as Error });
  }
  if (isQueued(before)) await count(deps, before, -1);
};

/** The counter is beside the protocol: its failure is nobody's. */
const count = async (deps: RunDependencies, run: RunItem, by: number): Promise<void> => {
  try {
    await deps.counters.addQueued(run, run.runId, by);
  } catch (error) {
    deps.log.warn("The queue's counter is off", { ...logFields(run), error: error as Error });
  }
};
