import { SYSTEM } from "../../model/actor.ts";
import { HOLD_KINDS, type HoldKind } from "../../model/holds.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowRecord } from "../../store/records.ts";
import type { LiftTools } from "../deps.ts";
import { about } from "../flows/about-flow.ts";
import { DRAIN_LOOK_MS, liftHolds } from "../holds/lift-hold.ts";
import { type RecountTools, recountQueue } from "../holds/recount-queue.ts";
import { startDrain } from "../holds/start-drain.ts";
import type { Swept } from "./swept.ts";

/**
 * The guarantee behind schedules and drains: holds past their end are lifted, a drain whose execution is gone goes on under
 * its next name, and the queue's counter is put right. Schedules may be lost; the flow item is not.
 */
export const sweepFlow = async (
  tools: LiftTools & RecountTools,
  { workspace, flowId }: Pick<FlowRecord, "workspace" | "flowId">,
): Promise<Swept> => {
  const flow = await tools.flows.read(workspace, flowId);
  if (flow === undefined) return "done";
  if (flow.deleting === true) return "not yet"; // its deletion stands among due things itself
  const now = iso(tools.clock.now());
  if (ended(flow, now).length > 0) {
    await liftHolds(tools, {
      ...{ workspace, flowId, incarnation: flow.incarnation, actor: SYSTEM, action: "lift" },
      reason: "The hold's time is over",
      which: (current) => ended(current, now),
    });
    return "done";
  }
  const { drain, recount } = flow;
  if (drain !== undefined && drain.due <= now) await lookAfterDrain(tools, flow, drain);
  else if (recount !== undefined && recount.due <= now) {
    if ((await recountQueue(tools, { ...flow, recount })) !== 0) tools.metrics.count("countersCorrected");
  } else await tools.flows.settleDue(flow);
  return "done";
};

const ended = ({ holds }: FlowRecord, now: string): HoldKind[] =>
  HOLD_KINDS.filter((kind) => {
    const end = holds[kind]?.resumeAt;
    return end !== undefined && end <= now;
  });

/** The next look first, so that a start that fails is tried again. */
const lookAfterDrain = async (
  tools: LiftTools,
  flow: FlowRecord,
  drain: NonNullable<FlowRecord["drain"]>,
): Promise<void> => {
  const { incarnation } = flow;
  const running = await tools.drains.isRunning({ incarnation, ...drain });
  const due = iso(tools.clock.now() + DRAIN_LOOK_MS);
  const next = { ...drain, due, attempt: running ? drain.attempt : drain.attempt + 1 };
  if (!(await tools.flows.moveDrain(flow, next)) || running) return;
  tools.metrics.count("drainsRestarted");
  tools.log.info("The drain goes on", { ...about(flow), epoch: next.epoch, attempt: next.attempt });
  await startDrain(tools, flow, next);
};
