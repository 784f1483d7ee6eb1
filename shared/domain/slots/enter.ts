import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { SlotKey } from "../../store/slots/slot-item.ts";
import { type EndDependencies, orWarn } from "../deps.ts";
import { announce, useClaim } from "./pass-on-slot.ts";
import { slotKeyOf } from "./slot-key.ts";
import { claimAt } from "./slot-times.ts";

/** A new run's way into a flow with a limit: with a slot, or into the queue of its key. */
export interface Entry {
  readonly key: SlotKey;
  readonly hasSlot: boolean;
}

/**
 * Claims a slot for a run that is about to be created, unless others wait for one. Undefined if the flow has no limit: then nothing is called.
 * The claim comes first: if the process dies before the run is written, the sweeper gives it back.
 * @param payload JSON text
 */
export const enter = async (
  deps: EndDependencies,
  flow: FlowItem,
  runId: string,
  payload: string,
): Promise<Entry | undefined> => {
  const cap = flow.caps.concurrency;
  if (cap == null) return undefined;
  const key = await slotKeyOf(cap, payload);
  const claim = claimAt(deps.clock.now(), { runId, limit: cap.limit, behindOthers: true });
  return { key, hasSlot: (await deps.slots.claim(flow, key, claim)).ok };
};

/** Returns the attributes of the new run. */
export const entryAttributes = (entry: Entry | undefined): Pick<RunItem, "slot" | "waitsFor"> => {
  if (entry === undefined) return {};
  const { key, hasSlot } = entry;
  return hasSlot ? { slot: { key: key.id } } : { waitsFor: key.id };
};

/**
 * Called after a run without a slot was written with its record in the queue of its key. The record is safe, whatever fails from here on:
 * the next release of a slot, or the sweeper, finds it. Returns the run afterwards.
 */
export const afterEntry = async (deps: EndDependencies, run: RunItem, { key }: Entry): Promise<RunItem> => {
  const failed =
    "A waiting record could not be announced; the next end of a run or the sweeper will start it";
  const current = await orWarn(deps, run, failed, async () => {
    await announce(deps, run, key);
    return deps.runs.get(run.workspace, run.runId);
  });
  return current ?? run;
};

/**
 * Uses a claim for a run that exists already, because a call with the same idempotency key, or another gate of its execution, has written
 * it at the same time. If the run waits, it has its turn. If it has ended, the slot is
 * passed on; if it has another place, the sweeper gives back the claim.
 */
export const enterExisting = async (
  deps: EndDependencies,
  run: RunItem,
  { key, hasSlot }: Entry,
): Promise<void> => {
  const { queuedAt, waitsFor: from } = run;
  if (!hasSlot || run.slot !== undefined) return;
  const failed = "A claim for a run that exists could not be used; the sweeper will give it back";
  await orWarn(deps, run, failed, async () => {
    const hold = await deps.holds.get(run.workspace, run.flowId, run.incarnation);
    const active = await deps.runs.activeVersion(run);
    const place = { ...run, time: queuedAt ?? "" };
    await useClaim(deps, run, { place, from, slot: key.id, hold, active });
  });
};
