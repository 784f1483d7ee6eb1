import { iso } from "../../model/time/clock.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { ScheduleNote } from "../../store/flows/triggers.ts";
import { logFields, type SweepDependencies } from "../deps.ts";

/**
 * Deletes the schedules that a change of a trigger left over, when the process that made the change has ended. The note goes last, so
 * that a sweep that dies or fails is repeated.
 */
export const sweepSchedules = async (
  deps: Pick<SweepDependencies, "clock" | "log" | "triggers" | "triggerSchedules">,
  asked: FlowIdentity & Pick<ScheduleNote, "triggerId" | "noteId">,
): Promise<void> => {
  const note = await deps.triggers.noted(asked, asked);
  if (note === undefined || note.due > iso(deps.clock.now())) return;
  const trigger = await deps.triggers.get(asked, asked.triggerId);
  const unused = note.generations.filter((generation) => generation !== trigger?.generation);
  for (const generation of unused) await deps.triggerSchedules.delete(generation);
  await deps.triggers.forget(asked, asked);
  if (unused.length > 0)
    deps.log.info("Deleted the schedules that a trigger no longer uses", logFields(asked));
};
