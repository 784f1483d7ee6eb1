import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { EndDependencies } from "../deps.ts";
import { passOnSlots } from "./pass-on-slot.ts";
import { slotsDueAfter } from "./slot-times.ts";

/**
 * Releases the slot of a run that has ended, then hands it on. The slot in the run that has ended is the intent to do so, whichever write
 * ended it, and is removed last: if the process dies before that, the sweeper repeats all of it, and a release that is repeated changes
 * nothing. Returns the run afterwards.
 */
export const releaseSlot = async (deps: EndDependencies, run: RunItem): Promise<RunItem> => {
  const { slot } = run;
  if (slot === undefined || !(run.deleted === true || isTerminal(run.status))) return run;
  const known = await deps.slots.release(run, slot.key, run.runId, slotsDueAfter(deps.clock.now()));
  await passOnSlots(deps, run, slot.key, { known });
  const written = await deps.runs.releaseSlot(run);
  return written.ok ? written.run : (written.current ?? run);
};
