import { iso } from "../../model/time/clock.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { SlotItem } from "../../store/slots/slot-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import { type EndDependencies, logFields } from "../deps.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";
import { passOnSlots } from "../slots/pass-on-slot.ts";
import { slotsDueAfter } from "../slots/slot-times.ts";
import type { SweepOutcome } from "./sweep-flow.ts";

const CONCURRENCY = 10;
const LAST_LOOK_MS = 86_400_000;

/**
 * Gives back the slots that processes left when they died between a claim and the write of its run, passes on what is free, and deletes
 * the item of a key that nobody uses. A claim is outdated when every process that could use it has ended; one that was renewed since stays.
 * A run that exists with its slot releases it itself. The next look is written last, so that a look that dies is repeated.
 */
export const sweepSlots = async (
  deps: EndDependencies,
  { id, ...flow }: FlowIdentity & Pick<SlotItem, "id">,
): Promise<SweepOutcome> => {
  const found = await deps.slots.get(flow, id);
  const now = deps.clock.now();
  if (found === undefined || found.due > iso(now)) return "done";
  const old = Object.entries(found.holders).filter(([, since]) => since <= now - LATE_WRITER_MS);
  await forEachConcurrent(old, { concurrency: CONCURRENCY }, async ([runId, since]) => {
    const run = await deps.runs.get(flow.workspace, runId);
    if (keepsSlot(run, id) || !(await deps.slots.reclaim(flow, id, runId, since))) return;
    deps.metrics.count("slotsReclaimed");
    deps.log.info("Gave back a slot without a run", logFields({ ...flow, runId }));
  });
  await passOnSlots(deps, flow, id);
  const left = await deps.slots.get(flow, id);
  if (left === undefined || (await deps.slots.removeUnused(flow, left))) return "done";
  await deps.slots.reschedule(flow, left, nextLook(left, now));
  return "done";
};

/** The slot of a run that has ended is released by the run's own due time. */
const keepsSlot = (run: RunItem | undefined, id: string): boolean => {
  if (run?.slot?.key !== id) return false;
  return run.deleted !== true && !isTerminal(run.status);
};

/** Claims that were seen with their runs need no look. It is repeated at growing intervals, in case something was overlooked. */
const nextLook = ({ holders }: SlotItem, now: number): string => {
  const age = now - Math.max(...Object.values(holders), 0);
  if (Object.keys(holders).length === 0 || age < LATE_WRITER_MS) return slotsDueAfter(now);
  return slotsDueAfter(now + Math.min(age, LAST_LOOK_MS));
};
