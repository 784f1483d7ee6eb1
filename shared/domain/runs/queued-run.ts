import { queuesRecord } from "../../model/holds/keeps.ts";
import { iso } from "../../model/time/clock.ts";
import type { HoldItem } from "../../store/flows/holds.ts";
import { type QueueItem, type QueuePlace, queuePlace } from "../../store/flows/queues.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ActiveVersion } from "../../store/runs/run-reader.ts";
import { type EndDependencies, orWarn } from "../deps.ts";
import { newIntent } from "./intents.ts";
import { startRun } from "./start-run.ts";

/** Whether the run is in its flow's queue. A run that a user has paused keeps its position, but is not in the queue. */
export const isQueued = (run: RunItem): run is RunItem & { readonly queuedAt: string } =>
  run.status === "pending" && run.queuedAt !== undefined;

/** Whether the run waits for a slot of its flow's concurrency limit. */
export const waitsForSlot = (run: RunItem): boolean => isQueued(run) && run.waitsFor !== undefined;

/**
 * Checks the hold after a record was put into the queue. A lift is written before the queue is read, so either the drain finds
 * the record, or the lifted hold is read here and the run is taken out again. Only records that a hold keeps are counted:
 * nobody would correct the counter of a flow that is not held. Returns the run afterwards.
 */
export const afterQueueing = async (
  deps: EndDependencies,
  run: RunItem,
  item: QueueItem,
): Promise<RunItem> => {
  const hold = await holdOf(deps, run);
  if (staysQueued(deps, run, hold)) {
    await count(deps, run, 1);
    return run;
  }
  const active = await deps.runs.activeVersion(run);
  const taken = isLimited(run, hold)
    ? await deps.limits.admit(deps, run, item, { hold, active })
    : await takeQueued(deps, run, item, active);
  return taken ?? (await deps.runs.get(run.workspace, run.runId)) ?? run;
};

/** Reads the hold after whatever the caller has written. */
const holdOf = ({ holds }: EndDependencies, run: RunItem): Promise<HoldItem | undefined> =>
  holds.get(run.workspace, run.flowId, run.incarnation);

/** Whether a hold keeps records in the queue. */
const staysQueued = ({ clock }: EndDependencies, run: RunItem, hold: HoldItem | undefined): boolean =>
  queuesRecord(hold, run, run.version, clock.now());

/** Whether the run needs a slot before it starts. */
const isLimited = (run: RunItem, hold: HoldItem | undefined): boolean =>
  hold?.caps?.concurrency != null && run.slot === undefined;

/**
 * Returns a run to its position in the queue, or starts it if its flow does not queue records: no drain would remove a queue item that a
 * dying process left behind, so none is put. A run that waits for a slot returns to the queue of its key. The caller clears the intent.
 */
export const requeue = async (deps: EndDependencies, run: RunItem): Promise<void> => {
  if (!isQueued(run)) return;
  if (run.waitsFor !== undefined) return deps.limits.requeue(deps, run);
  const item = { ...queuePlace(run, run.queuedAt), nonce: deps.ids.unique() };
  const hold = await holdOf(deps, run);
  if (staysQueued(deps, run, hold)) {
    await deps.queues.put(run, item);
    await afterQueueing(deps, run, item);
  } else if (isLimited(run, hold)) await deps.limits.requeue(deps, run);
  else await startQueued(deps, run, item, await deps.runs.activeVersion(run));
};

/**
 * Takes one record off the queue and starts it: first the run is written, with the intent to start, then the execution is
 * started, then the item removed. If the process dies in between, whoever reads the item next repairs it, or the sweeper does.
 * The record begins on the flow's `active` version, if one is given and the run does not keep its own. The version is part of the
 * first write, so every later start uses the same one. Returns the run if this call took it off; undefined if it had already left the
 * queue. Throws if it cannot be started now.
 */
export const takeQueued = async (
  deps: EndDependencies,
  flow: Pick<RunItem, "workspace" | "flowId" | "incarnation">,
  item: QueueItem,
  active: ActiveVersion | undefined,
): Promise<RunItem | undefined> => {
  const taken = await startQueued(deps, flow, item, active);
  await deps.queues.remove(flow, item);
  return taken;
};

/**
 * Takes one run off the queue for a canary, and starts it: first the run is written, with the intent to start it, then it is started, then
 * its item is removed. A drain drops an item that stays.
 */
export const takeForCanary = async (
  deps: EndDependencies,
  run: RunItem & { readonly queuedAt: string },
  active: ActiveVersion,
  canary: string,
): Promise<void> => {
  const place = queuePlace(run, run.queuedAt);
  const taken = await startQueued(deps, run, { ...place, nonce: "" }, active, canary);
  if (taken === undefined) return;
  await deps.queues.forget(run, place);
  await count(deps, run, -1);
};

const startQueued = async (
  deps: EndDependencies,
  { workspace }: Pick<RunItem, "workspace">,
  item: QueueItem,
  active: ActiveVersion | undefined,
  canary?: string,
): Promise<RunItem | undefined> => {
  const now = deps.clock.now();
  const intent = newIntent(["start"], undefined, now, deps.ids);
  const onto = active && { version: active.version, runAs: active.runAs };
  let written = await deps.runs.dequeue(workspace, item, intent, iso(now), { active: onto, canary });
  if (!written.ok && onto !== undefined && keepsVersion(written.current))
    written = await deps.runs.dequeue(workspace, item, intent, iso(now), { canary });
  const run = written.ok ? written.run : unfinished(written.current);
  if (run !== undefined) await startRun(deps, run);
  return written.ok ? written.run : undefined;
};

/** Whether the run is in the queue and begins on its own version, whichever is active. */
const keepsVersion = (run: RunItem | undefined): boolean =>
  run !== undefined && isQueued(run) && run.dispatchedVersion === undefined;

/** Returns the run if another process took it off the queue and may have died before the start. */
const unfinished = (run: RunItem | undefined): RunItem | undefined =>
  run?.status === "pending" && run.queuedAt === undefined && run.startedAt === undefined ? run : undefined;

/**
 * Removes the queue item of a run that left the queue without being started. `before` is the run before that. Best effort:
 * otherwise, a drain drops the item.
 */
export const leaveQueue = async (deps: EndDependencies, before: RunItem, forGood: boolean): Promise<void> => {
  const { queuedAt, waitsFor } = before;
  if (queuedAt === undefined) return;
  const place = queuePlace(before, queuedAt);
  const forget = () =>
    waitsFor === undefined
      ? deps.queues.forget(before, place)
      : deps.slotQueues.forget(before, waitsFor, place);
  // A paused run may return to its position, with a new item.
  const failed = "A queue item could not be removed";
  if (forGood) await orWarn(deps, before, failed, forget);
  else if (waitsFor !== undefined)
    await orWarn(deps, before, failed, () => removePaused(deps, before, waitsFor, place));
  if (isQueued(before) && waitsFor === undefined) await count(deps, before, -1);
};

/**
 * Removes the record of a paused run from the queue of its key, so that it does not count among those that wait. The record is read before
 * the run: one that a resume puts there afterwards is another.
 */
const removePaused = async (
  deps: EndDependencies,
  run: RunItem,
  key: string,
  place: QueuePlace,
): Promise<void> => {
  const record = await deps.slotQueues.get(run, key, place);
  const current = record && (await deps.runs.get(run.workspace, run.runId));
  if (record === undefined || current === undefined || isQueued(current)) return;
  await deps.slotQueues.remove(run, key, record);
};

/** The counter is not part of the protocol: a failure to change it does not fail the call. */
const count = (deps: EndDependencies, run: RunItem, by: number): Promise<void> =>
  orWarn(deps, run, "The queue's counter could not be changed", () =>
    deps.counters.addQueued(run, run.runId, by),
  );
