import type { HoldEvent } from "../../outbound/schedules.ts";
import type { LiftTools } from "../deps.ts";
import { about } from "../flows/about-flow.ts";
import { liftHolds } from "./lift-hold.ts";

/**
 * A schedule calls for the end of its own hold, at least once, perhaps late, perhaps early where clocks differ. Another hold is none
 * of its business; an event that is early leaves a later one behind before it returns.
 */
export const autoResume = async (deps: LiftTools, event: HoldEvent): Promise<void> => {
  const { workspace, flowId, incarnation, kind, holdId } = event;
  const flow = await deps.flows.read(workspace, flowId);
  if (flow?.incarnation !== incarnation || flow.deleting === true) return;
  const hold = flow.holds[kind];
  if (hold?.id !== holdId || hold.resumeAt === undefined) {
    deps.log.info("The schedule's hold is gone", { ...about(flow), kind });
    return;
  }
  const end = Date.parse(hold.resumeAt);
  if (deps.clock.now() < end) {
    await deps.schedules.createEnd({ ...event, tries: event.tries + 1 }, end);
    return;
  }
  await liftHolds(deps, {
    ...{ workspace, flowId, incarnation },
    actor: { kind: "schedule", id: holdId },
    action: kind === "manual" ? "resume" : "lift",
    reason: "The hold's time is over",
    which: (current) => (current.holds[kind]?.id === holdId ? [kind] : []),
  });
};
