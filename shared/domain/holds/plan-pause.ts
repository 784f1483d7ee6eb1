import type { Actor } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import { MAX_PLAN_DAYS } from "../../model/limits.ts";
import type { AuditItem } from "../../model/schemas/run.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem, ScheduledPause } from "../../store/flows/flow-item.ts";
import type { HoldDependencies, StepHoldDependencies } from "../deps.ts";
import { changeFlow, type FlowRequest, flowEntry, readRequestedFlow } from "../flows/change-flow.ts";
import { hasDrifted } from "../flows/drift.ts";
import { heldSteps } from "../flows/held-steps/held-steps.ts";
import { openVersions } from "../flows/held-steps/open-versions.ts";
import { dropBegin } from "../flows/hold-schedules.ts";
import {
  flowPausedUntilThen,
  noScheduledPause,
  pauseScheduleFailed,
  resumeAtBeforeStart,
  resumeAtTooLateForPlan,
  startAtInPast,
  startAtTooLate,
} from "../hold-refusals.ts";
import { flowDrifted } from "../refusals.ts";
import { MAX_HOLD_MS } from "./add-hold.ts";
import type { PauseFlow } from "./pause-flow.ts";

export interface PlanPause extends PauseFlow {
  /** ISO 8601. */
  readonly startAt: string;
  /** Names of the only states to hold. */
  readonly steps?: readonly string[] | undefined;
}

const MAX_AHEAD_MS = MAX_PLAN_DAYS * 86_400_000;

/**
 * Plans a pause, in place of one that was planned before. Its schedule is created before the write, so that no plan depends on the sweeper
 * alone; a schedule without its plan does nothing, and is deleted if the write was certainly rejected. Throws `action_not_allowed` if a
 * person's pause lasts beyond the start and the plan is for the whole flow too, `flow_drifted`, `invalid_request`, also for unknown
 * states, and `state_changed`.
 */
export const planPause = async (deps: StepHoldDependencies, request: PlanPause): Promise<FlowItem> => {
  const now = deps.clock.now();
  const { actor, mode, finishWithin, steps, reason } = request;
  const plan: ScheduledPause = {
    ...{ id: deps.ids.unique(), ...plannedTimes(request, now), mode, by: actor, plannedAt: iso(now) },
    ...(finishWithin === undefined ? {} : { finishWithin }),
    ...(steps === undefined ? {} : { steps: [...new Set(steps)] }),
    ...(reason === undefined ? {} : { reason }),
  };
  const flow = await readRequestedFlow(deps.flows, request);
  refuseIfPausedThen(flow, plan);
  if (await hasDrifted(deps, flow)) throw flowDrifted(flow);
  if (steps !== undefined) await heldSteps(deps, flow, await openVersions(deps, flow), steps);
  await createBegin(deps, flow, plan);
  try {
    const { was, next } = await changeFlow(deps, { ...request, incarnation: flow.incarnation }, (current) => {
      refuseIfPausedThen(current, plan);
      const at = iso(deps.clock.now());
      const planned = { ...current, scheduledPause: plan, rev: current.rev + 1, updatedAt: at };
      return {
        next: planned,
        entries: [
          flowEntry(current, planned, { at, actor, action: "plan-pause", reason, steps: steps ?? [] }),
        ],
      };
    });
    if (was.scheduledPause !== undefined) await dropBegin(deps, flow, was.scheduledPause.id);
    return next;
  } catch (error) {
    if (error instanceof SluiceError) await dropBegin(deps, flow, plan.id);
    throw error;
  }
};

/** Returns when the planned pause begins and ends (ISO 8601). Throws `invalid_request` for times that are not possible. */
export const plannedTimes = (
  { startAt, resumeAt }: Pick<PlanPause, "startAt" | "resumeAt">,
  now: number,
): Pick<ScheduledPause, "startAt" | "resumeAt"> => {
  const start = Date.parse(startAt);
  if (start <= now) throw startAtInPast();
  if (start > now + MAX_AHEAD_MS) throw startAtTooLate();
  const end = resumeAt === undefined ? start + MAX_HOLD_MS : Date.parse(resumeAt);
  if (end <= start) throw resumeAtBeforeStart();
  if (end > start + MAX_HOLD_MS) throw resumeAtTooLateForPlan();
  return { startAt: iso(start), resumeAt: iso(end) };
};

const refuseIfPausedThen = (flow: FlowItem, { startAt, steps }: ScheduledPause): void => {
  const { manual } = flow.holds;
  if (steps !== undefined) return;
  if (manual !== undefined && (manual.resumeAt === undefined || manual.resumeAt > startAt))
    throw flowPausedUntilThen(flow);
};

const createBegin = async (deps: HoldDependencies, flow: FlowItem, plan: ScheduledPause): Promise<void> => {
  const { workspace, flowId, incarnation } = flow;
  const event = { workspace, flowId, incarnation, kind: "manual" as const, holdId: plan.id, tries: 0 };
  try {
    await deps.schedules.createBegin(event, Date.parse(plan.startAt));
  } catch (error) {
    // The schedule may have been created nevertheless. It would then find no such plan.
    await dropBegin(deps, flow, plan.id);
    throw pauseScheduleFailed(error);
  }
};

/** Cancels the planned pause: one write, then its schedule is deleted. Throws `not_found` if none is planned, and `state_changed`. */
export const cancelPlan = async (
  deps: HoldDependencies,
  request: FlowRequest & { readonly actor: Actor },
): Promise<void> => {
  const { was } = await changeFlow(deps, request, (flow, now) => {
    if (flow.scheduledPause === undefined) throw noScheduledPause(flow.flowId);
    const { next, entry } = withoutPlan(flow, { at: iso(now), actor: request.actor });
    return { next, entries: [entry] };
  });
  if (was.scheduledPause !== undefined) await dropBegin(deps, was, was.scheduledPause.id);
};

/** Returns the flow without its planned pause, with the audit entry of the change. */
export const withoutPlan = (
  flow: FlowItem,
  { at, actor, reason }: { readonly at: string; readonly actor: Actor; readonly reason?: string | undefined },
): { readonly next: FlowItem; readonly entry: AuditItem } => {
  const { scheduledPause: _cancelled, ...rest } = flow;
  const next = { ...rest, rev: flow.rev + 1, updatedAt: at };
  return { next, entry: flowEntry(flow, next, { at, actor, action: "cancel-pause", reason }) };
};
