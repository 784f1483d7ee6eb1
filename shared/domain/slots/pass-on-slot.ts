import { isTerminal } from "../../model/transitions.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { HoldItem } from "../../store/flows/holds.ts";
import { type QueueItem, type QueuePlace, queuePlace } from "../../store/flows/queues.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ActiveVersion } from "../../store/runs/run-reader.ts";
import { type SlotItem, type SlotKey, usedSlots } from "../../store/slots/slot-item.ts";
import type { EndDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { isQueued, takeQueued } from "../runs/queued-run.ts";
import { type Leaving, leaveQueueFor } from "./claimed-run.ts";
import { isKeyOf, slotKeyOf } from "./slot-key.ts";
import { claimAt, slotsDueAfter } from "./slot-times.ts";

/** Records read at once. */
const PAGE = 10;

interface Offer {
  /** Maximum number of runs that get their turn. */
  readonly max?: number;
  /** The key's item, if it has been read. */
  readonly known?: SlotItem | undefined;
}

/**
 * Gives the free slots of a key to the runs that wait for it, by priority and time, until one is refused or none waits. The claim comes
 * before the write of the run, and the record is removed last: if the process dies, the sweeper gives back a claim that no run has, and
 * whoever looks next removes a record whose run has left. If the queue is empty, its mark is cleared, unless somebody has begun to wait
 * since it was read: they look for themselves. Returns the number of runs that left.
 */
export const passOnSlots = async (
  deps: EndDependencies,
  flow: FlowIdentity,
  id: string,
  { max = Number.POSITIVE_INFINITY, known }: Offer = {},
): Promise<number> => {
  const hold = await deps.holds.get(flow.workspace, flow.flowId, flow.incarnation);
  let slots = known ?? (await deps.slots.get(flow, id));
  let given = 0;
  for (;;) {
    const records = await deps.slotQueues.head(flow, id, PAGE);
    if (records.length === 0) {
      if (slots !== undefined) await deps.slots.settle(flow, slots);
      return given;
    }
    let settled = 0;
    for (const record of records) {
      const run = await deps.runs.get(flow.workspace, record.runId);
      const place = whereabouts(run, record, id);
      if (place === "moving") continue;
      if (place === "waits" && run !== undefined) {
        if (given >= max) return given;
        const turn = await takeTurn(deps, { flow, id, hold, slots }, run, record);
        if (turn === "full") return given;
        given += turn === "left" ? 1 : 0;
      }
      await deps.slotQueues.remove(flow, id, record);
      settled += 1;
    }
    if (settled === 0) return given;
    slots = await deps.slots.get(flow, id);
  }
};

/**
 * Whether the run of a record still waits. A run that is being moved here from a hold's queue has its record first, so that stays until the
 * run has left the other queue.
 */
const whereabouts = (
  run: RunItem | undefined,
  record: QueueItem,
  id: string,
): "waits" | "moving" | "elsewhere" => {
  if (run === undefined || run.deleted === true || isTerminal(run.status)) return "elsewhere";
  if (!isQueued(run) || run.queuedAt !== record.time) return "elsewhere";
  if (run.waitsFor === id) return "waits";
  return run.slot === undefined ? "moving" : "elsewhere";
};

interface Offered {
  readonly flow: FlowIdentity;
  readonly id: string;
  readonly hold: HoldItem | undefined;
  readonly slots: SlotItem | undefined;
}

/** Gives the run a slot, or treats it by the flow's limit if that has changed since it began to wait. */
const takeTurn = async (
  deps: EndDependencies,
  { flow, id, hold, slots }: Offered,
  run: RunItem,
  record: QueueItem,
): Promise<"left" | "stayed" | "full"> => {
  const cap = hold?.caps?.concurrency;
  if (slots === undefined || !isKeyOf(slots, cap)) {
    return (await admit(deps, flow, { run, place: record, from: id, hold })) ? "left" : "stayed";
  }
  const claim = claimAt(deps.clock.now(), { runId: run.runId, limit: cap.limit, behindOthers: false });
  if (!(await deps.slots.claim(flow, slots, claim)).ok) return "full";
  const active = await activeFor(deps, run);
  const turn = await leaveQueueFor(deps, run, { place: record, from: id, slot: id, hold, active });
  deps.metrics.count("slotsPassedOn", turn === "left" ? 1 : 0);
  return turn === "left" ? "left" : "stayed"; // the next of the queue gets what an ended run gave back
};

/** The version on which the run begins, if it does not keep its own. */
const activeFor = async (deps: EndDependencies, run: RunItem): Promise<ActiveVersion | undefined> =>
  run.dispatchedVersion === undefined ? undefined : deps.runs.activeVersion(run);

interface Admission {
  /** As it was read. */
  readonly run: RunItem;
  readonly place: QueuePlace;
  /** The key in whose queue it waits; undefined for the queue of a hold. */
  readonly from: string | undefined;
  readonly hold: HoldItem | undefined;
}

/**
 * Lets a queued run leave its place by the flow's current limit: with a slot of its key, without one if there is no limit, or into the queue
 * of its key, if that is full or others wait there. In the last case, (1) the record is put there, (2) the run is written, and (3) the caller
 * removes the old record. If the process dies, the old record is still there, and all is repeated. Returns whether it left its place.
 */
const admit = async (deps: EndDependencies, flow: FlowIdentity, admission: Admission): Promise<boolean> => {
  const { run, place, from, hold } = admission;
  const cap = hold?.caps?.concurrency;
  const active = await activeFor(deps, run);
  if (cap == null)
    return (await leaveQueueFor(deps, run, { place, from, slot: undefined, hold, active })) === "left";
  const payload = await deps.runs.payload(run.workspace, run.runId);
  if (payload === undefined) return false; // the run has been deleted in the meantime
  const key = await slotKeyOf(cap, payload);
  const claim = claimAt(deps.clock.now(), { runId: run.runId, limit: cap.limit, behindOthers: true });
  if ((await deps.slots.claim(flow, key, claim)).ok)
    return useClaim(deps, run, { place, from, slot: key.id, hold, active, payload });
  return waitForKey(deps, flow, admission, key);
};

/**
 * Uses the slot that was claimed for a run which is not in the key's queue. If the run has ended meanwhile, the slot goes to those who were
 * refused because of the claim. Returns whether the run got it.
 */
export const useClaim = async (
  deps: EndDependencies,
  run: RunItem,
  leaving: Leaving & { readonly slot: string },
): Promise<boolean> => {
  const turn = await leaveQueueFor(deps, run, leaving);
  if (turn === "ended") await passOnSlots(deps, run, leaving.slot);
  return turn === "left";
};

const waitForKey = async (
  deps: EndDependencies,
  flow: FlowIdentity,
  admission: Admission,
  key: SlotKey,
): Promise<boolean> => {
  const { run, place } = admission;
  await deps.slotQueues.put(flow, key.id, { ...queuePlace(run, place.time), nonce: deps.ids.unique() });
  if (!(await moveTo(deps, admission, key.id))) return false;
  await announce(deps, flow, key);
  return true;
};

/** Writes the key for which the run waits from now on. Returns false if it has left its place, or was paused there. */
const moveTo = (
  deps: EndDependencies,
  { run: found, place, from }: Admission,
  to: string,
): Promise<boolean> => {
  let run: RunItem | undefined = found;
  return retryOnConflict(
    deps,
    async () => {
      const waits = run !== undefined && isQueued(run) && run.queuedAt === place.time;
      if (!waits || run === undefined || run.waitsFor !== from || run.slot !== undefined) return false;
      const moved = await deps.runs.leaveQueue(run, from, { set: { waitsFor: to } });
      if (moved.ok) return true;
      run = moved.current;
      return "conflict";
    },
    () => new Error("The run changes too fast to move to the queue of its key"),
  );
};

/**
 * Lets a record of a hold's queue start if there is a slot for it, and moves it to the queue of its key otherwise, so that a full key never
 * stands before the records of others. Returns its run if it left the hold's queue.
 */
export const admitQueued = async (
  deps: EndDependencies,
  flow: FlowIdentity,
  record: QueueItem,
  { hold, active }: Pick<Offered, "hold"> & { readonly active: ActiveVersion | undefined },
): Promise<RunItem | undefined> => {
  const run = await deps.runs.get(flow.workspace, record.runId);
  const waits = run !== undefined && isQueued(run) && run.queuedAt === record.time;
  if (!waits || run.waitsFor !== undefined || run.slot !== undefined)
    return takeQueued(deps, flow, record, active);
  const left = await admit(deps, flow, { run, place: record, from: undefined, hold });
  await deps.queues.remove(flow, record);
  return left ? run : undefined;
};

/**
 * Gives a record of a hold's queue the slot with which a canary may let it through: the run stays where it is, with its slot, as one does
 * that gets its slot under a hold. If there is none, the record goes to the queue of its key, and comes back with the slot that an end
 * passes on to it. Returns the run if it may start.
 */
export const secureSlot = async (
  deps: EndDependencies,
  flow: FlowIdentity,
  record: QueueItem,
  { run, hold }: { readonly run: RunItem; readonly hold: HoldItem },
): Promise<RunItem | undefined> => {
  const cap = hold.caps?.concurrency;
  if (cap == null || run.slot !== undefined) return run;
  const payload = await deps.runs.payload(run.workspace, run.runId);
  if (payload === undefined) return undefined; // the run has been deleted in the meantime
  const key = await slotKeyOf(cap, payload);
  const claim = claimAt(deps.clock.now(), { runId: run.runId, limit: cap.limit, behindOthers: true });
  if ((await deps.slots.claim(flow, key, claim)).ok) {
    const leaving = {
      place: record,
      from: undefined,
      slot: key.id,
      hold,
      active: undefined,
      stays: true,
    } as const;
    if (!(await useClaim(deps, run, leaving))) return undefined;
    const ready = await deps.runs.get(run.workspace, run.runId);
    return ready !== undefined && isQueued(ready) ? ready : undefined;
  }
  if (await waitForKey(deps, flow, { run, place: record, from: undefined, hold }, key)) {
    // Its item may be another by now: a slot that has just come free has returned the run here.
    await deps.queues.remove(flow, record);
    await deps.counters.addQueued(flow, run.runId, -1);
  }
  return undefined;
};

/** Whether runs of the flow wait for slots. What is free is given to those of one key. */
export const someWaitForSlots = async (deps: EndDependencies, flow: FlowIdentity): Promise<boolean> => {
  for await (const id of deps.slotQueues.keys(flow)) {
    await passOnSlots(deps, flow, id);
    return true;
  }
  return false;
};

/**
 * Records that somebody waits for the key, after their record is in its queue, then looks whether there is room: a slot that was released
 * before is free here, and whoever releases one later finds the record. Then the limit is read: a change of it is written before its drain
 * looks at the queues, so either the drain finds the record, or the new limit is read here.
 */
export const announce = async (deps: EndDependencies, flow: FlowIdentity, key: SlotKey): Promise<void> => {
  const due = slotsDueAfter(deps.clock.now());
  const slots = await deps.slots.announce(flow, key, deps.ids.unique(), due);
  const hold = await deps.holds.get(flow.workspace, flow.flowId, flow.incarnation);
  const cap = hold?.caps?.concurrency;
  if (isKeyOf(slots, cap) && usedSlots(slots) >= cap.limit) return;
  await passOnSlots(deps, flow, key.id, { known: slots });
};

/** Returns a run to its position in its key's queue, or gives it a slot. The caller clears the intent. */
export const requeueForSlot = async (deps: EndDependencies, run: RunItem): Promise<void> => {
  const { queuedAt, waitsFor: from } = run;
  if (queuedAt === undefined) return;
  const hold = await deps.holds.get(run.workspace, run.flowId, run.incarnation);
  await admit(deps, run, { run, place: queuePlace(run, queuedAt), from, hold });
};
