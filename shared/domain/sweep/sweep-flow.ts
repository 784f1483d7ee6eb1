import { SYSTEM } from "../../model/actor.ts";
import { standingHolds } from "../../model/holds/hold.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import {
  type DetachDependencies,
  type DrainDependencies,
  type LiftDependencies,
  logFields,
} from "../deps.ts";
import { beginPause, isPauseDue } from "../holds/begin-pause.ts";
import { CANARY_TOO_LATE, failCanary } from "../holds/canary.ts";
import { runningCanary } from "../holds/canary-state.ts";
import { freezeHolds } from "../holds/finish-pause.ts";
import { liftHolds } from "../holds/lift-hold.ts";
import { recountQueue } from "../holds/recount-queue.ts";
import { DRAIN_CHECK_MS, startDrain } from "../holds/start-drain.ts";
import { sweepAttachment } from "./sweep-attachment.ts";

/** The outcome for one due item. An item that is not ready yet is postponed behind all others that are due. */
export type SweepOutcome = "done" | "not yet";

/**
 * Backs up schedules and drains: begins planned pauses, lifts holds past their end, ends times to finish, restarts a drain under its next name if its execution is gone, and
 * corrects the queue's counter. Schedules may be lost, but the flow item is not.
 */
export const sweepFlow = async (
  deps: LiftDependencies & DrainDependencies & DetachDependencies,
  { workspace, flowId }: Pick<FlowItem, "workspace" | "flowId">,
): Promise<SweepOutcome> => {
  const flow = await deps.flows.read(workspace, flowId);
  if (flow === undefined) return "done";
  if (flow.deleting === true) return "not yet"; // its deletion is a due item itself
  const now = iso(deps.clock.now());
  if (isPauseDue(flow, now)) {
    await beginPause(deps, flow, SYSTEM);
    return "done";
  }
  if (ended(flow, now).length > 0) {
    await liftHolds(deps, {
      ...{ workspace, flowId, incarnation: flow.incarnation, actor: SYSTEM, action: "lift" },
      reason: "The hold has ended",
      which: (current) => ended(current, now),
    });
    return "done";
  }
  const canary = runningCanary(flow);
  if (canary !== undefined && canary.until <= now) {
    await failCanary(deps, flow, canary.id, { reason: CANARY_TOO_LATE });
    return "done";
  }
  if (await freezeHolds(deps, flow)) return "done";
  const { drain, recount, attachment } = flow;
  if (drain !== undefined && drain.due <= now) await lookAfterDrain(deps, flow, drain);
  else if (recount !== undefined && recount.due <= now) {
    if ((await recountQueue(deps, { ...flow, recount })) !== 0) deps.metrics.count("countersCorrected");
  } else if (attachment?.due !== undefined && attachment.due <= now)
    await sweepAttachment(deps, flow, attachment);
  else await deps.flows.settleDue(flow);
  return "done";
};

const ended = (flow: FlowItem, now: string): string[] =>
  standingHolds(flow).flatMap(({ id, resumeAt: end }) => (end !== undefined && end <= now ? [id] : []));

/** The next check is written first, so that a failed start is repeated. */
const lookAfterDrain = async (
  deps: LiftDependencies,
  flow: FlowItem,
  drain: NonNullable<FlowItem["drain"]>,
): Promise<void> => {
  const { incarnation } = flow;
  const running = await deps.drains.isRunning({ incarnation, ...drain });
  const due = iso(deps.clock.now() + DRAIN_CHECK_MS);
  const next = { ...drain, due, attempt: running ? drain.attempt : drain.attempt + 1 };
  if (!(await deps.flows.rescheduleDrain(flow, next)) || running) return;
  deps.metrics.count("drainsRestarted");
  deps.log.info("Restarted the drain", { ...logFields(flow), epoch: next.epoch, attempt: next.attempt });
  await startDrain(deps, flow, next);
};
