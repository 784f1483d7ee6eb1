import type { Clock } from "../../model/time/clock.ts";
import type { Events } from "../../outbound/events.ts";
import type { HoldEvent } from "../../outbound/schedules.ts";
import type { FlowStore } from "../../store/flows/flows.ts";

export interface WarningTools {
  readonly clock: Clock;
  readonly flows: FlowStore;
  readonly events: Events;
}

/** Tells the bus that a hold ends by itself a day later, if that very hold still stands. A late or second call does no harm. */
export const warnOfResume = async (deps: WarningTools, event: HoldEvent): Promise<void> => {
  const { workspace, flowId, incarnation, kind, holdId } = event;
  const flow = await deps.flows.read(workspace, flowId);
  const hold = flow?.incarnation === incarnation ? flow.holds[kind] : undefined;
  if (flow === undefined || hold?.id !== holdId || hold.resumeAt === undefined) return;
  const now = deps.clock.now();
  if (Date.parse(hold.resumeAt) <= now) return;
  const { since, by, reason, resumeAt } = hold;
  const why = reason === undefined ? {} : { reason };
  const detail = {
    id: `${workspace}/${flowId}/${incarnation}/${holdId}`,
    ...{ workspace, flowId, name: flow.name, resumeAt },
    hold: { kind, since, by, ...why, resumeAt },
  };
  const taken = await deps.events.put([{ type: "Flow resumes soon", at: now, detail }]);
  if (taken === 0) throw new Error("The event bus refused an event");
};
