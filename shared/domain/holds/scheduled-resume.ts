import { type StandingHold, standingHolds } from "../../model/holds/hold.ts";
import { iso } from "../../model/time/clock.ts";
import type { HoldEvent } from "../../outbound/ports.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import {
  type HoldDependencies,
  logFields,
  type PublishDependencies,
  type StepHoldDependencies,
} from "../deps.ts";
import { beginPause, isNextPauseDue } from "./begin-pause.ts";
import { liftHolds } from "./lift-hold.ts";

/**
 * Lifts the hold whose schedule has fired. A schedule fires at least once, perhaps late, or early if clocks differ. It affects
 * only its own hold. If it is early, it creates a later schedule before it returns.
 */
export const autoResume = async (deps: StepHoldDependencies, event: HoldEvent): Promise<void> => {
  const { workspace, flowId, incarnation, kind, holdId } = event;
  const flow = await deps.flows.read(workspace, flowId);
  if (flow?.incarnation !== incarnation || flow.deleting === true) return;
  const hold = holdOf(flow, holdId);
  if (hold?.resumeAt === undefined) {
    deps.log.info("The hold of this schedule has already been lifted", { ...logFields(flow), kind });
    return;
  }
  const end = Date.parse(hold.resumeAt);
  if (deps.clock.now() < end) {
    await deps.schedules.createEnd({ ...event, tries: event.tries + 1 }, end);
    return;
  }
  if (flow.holds.manual?.id === holdId && isNextPauseDue(flow, iso(deps.clock.now())))
    return beginPause(deps, flow, { kind: "schedule", id: flow.scheduledPause.id });
  await liftHolds(deps, {
    ...{ workspace, flowId, incarnation },
    actor: { kind: "schedule", id: holdId },
    action: kind === "manual" ? "resume" : "lift",
    reason: "The hold has ended",
    which: (current) => (holdOf(current, holdId) === undefined ? [] : [holdId]),
  });
};

const holdOf = (flow: FlowItem, holdId: string): StandingHold | undefined =>
  standingHolds(flow).find(({ id }) => id === holdId);

/**
 * Publishes the event that a hold will end by itself a day later, if that hold is still on the flow. A late or repeated call
 * does no harm.
 */
export const warnOfResume = async (
  deps: Pick<HoldDependencies, "clock" | "flows"> & Pick<PublishDependencies, "events">,
  event: HoldEvent,
): Promise<void> => {
  const { workspace, flowId, incarnation, kind, holdId } = event;
  const flow = await deps.flows.read(workspace, flowId);
  const hold = flow?.incarnation === incarnation ? holdOf(flow, holdId) : undefined;
  if (flow === undefined || hold?.resumeAt === undefined) return;
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
