import { SYSTEM } from "../model/actor.ts";
import { iso } from "../model/clock.ts";
import { HOLD_KINDS, type HoldKind } from "../model/flow.ts";
import type { FlowRecord } from "../store/records.ts";
import { about } from "./about-flow.ts";
import type { LiftTools } from "./hold-tools.ts";
import { DRAIN_LOOK_MS, liftHolds } from "./lift-hold.ts";
import { startDrain } from "./start-drain.ts";

/**
 * The guarantee behind schedules and drains: holds past their end are lifted, and a drain whose execution is gone goes on under
 * its next name. Schedules may be lost; the flow item is not.
 */
export const sweepFlow = async (
  tools: LiftTools,
  { workspace, flowId }: Pick<FlowRecord, "workspace" | "flowId">,
): Promise<void> => {
  const flow = await tools.flows.read(workspace, flowId);
  if (flow === undefined || flow.deleting === true) return;
  const now = iso(tools.clock.now());
  if (ended(flow, now).length > 0) {
    await liftHolds(tools, {
      ...{ workspace, flowId, incarnation: flow.incarnation, actor: SYSTEM, action: "lift" },
      reason: "The hold's time is over",
      which: (current) => ended(current, now),
    });
    return;
  }
  if (flow.drain === undefined || flow.drain.due > now) return tools.flows.settleDue(flow);
  await lookAfterDrain(tools, flow, flow.drain);
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
