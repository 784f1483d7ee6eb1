import { queuesRecord } from "../../model/holds/keeps.ts";
import { iso } from "../../model/time/clock.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { HoldItem } from "../../store/flows/holds.ts";
import type { QueuePlace } from "../../store/flows/queues.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ActiveVersion } from "../../store/runs/run-reader.ts";
import type { Patch } from "../../store/runs/status-change.ts";
import { type EndDependencies, logFields, orWarn } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { newIntent } from "../runs/intents.ts";
import { performIntentOrLeave } from "../runs/perform-intent.ts";
import { isQueued } from "../runs/queued-run.ts";
import { startRun } from "../runs/start-run.ts";
import { slotsDueAfter } from "./slot-times.ts";

/** A queued run that leaves its place: for a slot that was claimed for it, or without one if its flow has no limit any more. */
export interface Leaving {
  readonly place: QueuePlace;
  /** The key in whose queue it waits; absent for the queue of a hold. */
  readonly from: string | undefined;
  /** The key whose slot it gets. */
  readonly slot: string | undefined;
  readonly hold: HoldItem | undefined;
  readonly active: ActiveVersion | undefined;
  /** JSON text, if it has been read. */
  readonly payload?: string;
  /** It gets the slot where it is, in the queue of a hold, and does not leave. */
  readonly stays?: true;
}

/** Whether the run left its place, or got the slot there; `"ended"`: it will never need a slot, and the one that was claimed is free again. */
export type Turn = "left" | "stayed" | "ended";

/**
 * Writes the slot that was claimed to its run, together with the intent of what follows, then does that: the run is started; a native one
 * is woken; in a held flow, it goes to the hold's queue with its slot; one that a person has paused keeps the slot and its pause. If the
 * process dies before the write, the sweeper gives the claim back; after it, the intent remains. A claim for a run that has ended is
 * given back here, since nobody else can use it; whoever was refused because of it waits, so the caller passes it on. A claim for a run that
 * has another place is left to the sweeper: someone may be about to write it.
 */
export const leaveQueueFor = (
  deps: EndDependencies,
  found: RunItem | undefined,
  leaving: Leaving,
): Promise<Turn> => {
  let run = found;
  return retryOnConflict(
    deps,
    async () => {
      if (run === undefined) return "stayed";
      if (run.deleted === true || isTerminal(run.status)) return giveBack(deps, run, leaving.slot);
      if (run.slot !== undefined || !isAt(run, leaving)) return "stayed";
      const written = await deps.runs.leaveQueue(run, leaving.from, patchOf(deps, run, leaving));
      if (!written.ok) {
        run = written.current;
        return "conflict";
      }
      await goOn(deps, written.run, leaving);
      return "left";
    },
    () => new Error("The run changes too fast to leave its queue"),
  );
};

const giveBack = async (deps: EndDependencies, run: RunItem, slot: string | undefined): Promise<Turn> => {
  if (slot === undefined || run.slot !== undefined) return "stayed";
  await deps.slots.release(run, slot, run.runId, slotsDueAfter(deps.clock.now()));
  return "ended";
};

const isAt = (run: RunItem, { place, from }: Leaving): boolean =>
  run.queuedAt === place.time && run.waitsFor === from;

const patchOf = (deps: EndDependencies, run: RunItem, leaving: Leaving): Patch => {
  const { slot, hold, active } = leaving;
  const now = deps.clock.now();
  const key = slot === undefined ? {} : { slot: { key: slot } };
  if (leaving.stays) return { set: key };
  if (!isQueued(run)) return { set: key, remove: ["waitsFor"] };
  const intent = (kind: "queue" | "start" | "wake") => ({
    updatedAt: iso(now),
    intent: newIntent([kind], run.intent, now, deps.ids),
  });
  if (run.execution !== undefined)
    return { set: { ...key, ...intent("wake") }, remove: ["waitsFor", "queuedAt"] };
  if (queuesRecord(hold, run, run.version, now))
    return { set: { ...key, ...intent("queue") }, remove: ["waitsFor"] };
  const version =
    run.dispatchedVersion === undefined || active === undefined
      ? {}
      : { version: active.version, runAs: active.runAs };
  return { set: { ...key, ...version, ...intent("start") }, remove: ["waitsFor", "queuedAt"] };
};

const goOn = async (deps: EndDependencies, run: RunItem, { payload, stays }: Leaving): Promise<void> => {
  if (run.status !== "pending" || stays) return;
  deps.log.info("A waiting run got its turn", logFields(run));
  // The first gate clears an intent to start.
  if (run.intent?.kinds.includes("start") !== true) return performIntentOrLeave(deps, run);
  const failed = "A run that got its turn could not be started; the sweeper will start it";
  await orWarn(deps, run, failed, () => startRun(deps, run, payload));
};
