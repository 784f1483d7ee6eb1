import type { Actor } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { HoldDependencies, TeamMachineDependencies } from "../deps.ts";
import { type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { hasDrifted } from "../flows/drift.ts";
import { flowAlreadyPaused, resumeAtInPast, resumeAtTooLate } from "../hold-refusals.ts";
import { flowChanged, flowDrifted } from "../refusals.ts";
import { addHold, MAX_HOLD_MS } from "./add-hold.ts";
import { failCanary } from "./canary.ts";
import { runningCanary } from "./canary-state.ts";
import { type Finishing, finishingHold, intakeOf, keepingDrain } from "./finish-pause.ts";

export interface PauseFlow extends FlowRequest, Finishing {
  readonly actor: Actor;
  /** ISO 8601. If absent, exactly 14 days from now. */
  readonly resumeAt?: string | undefined;
  readonly reason?: string | undefined;
}

/**
 * Holds the flow until `resumeAt`. If a canary runs beside a manual hold, the pause only stops it: that hold and its end stay. Throws `action_not_allowed` if the flow already has a manual hold, whose end cannot be
 * changed, `flow_drifted` if the attached machine has no gates, and `state_changed` after a concurrent pause.
 */
export const pauseFlow = async (
  deps: HoldDependencies & TeamMachineDependencies,
  request: PauseFlow,
): Promise<FlowItem> => {
  const now = deps.clock.now();
  const resumeAt = endOf(request.resumeAt, now);
  const { actor, reason, ifMatch } = request;
  const flow = await readRequestedFlow(deps.flows, request);
  if (await hasDrifted(deps, flow)) throw flowDrifted(flow);
  const canary = runningCanary(flow);
  if (canary !== undefined && flow.holds.manual !== undefined) {
    const why = { reason: reason ?? "Stopped by a pause", actor, gone: flowChanged };
    return failCanary(deps, { ...request, incarnation: flow.incarnation }, canary.id, why);
  }
  return addHold(deps, flow, {
    kind: "manual",
    hold: {
      ...{ id: deps.ids.unique(), since: iso(now), by: actor, resumeAt },
      ...(reason === undefined ? {} : { reason }),
      ...finishingHold(request, now, resumeAt),
    },
    ...{ mode: intakeOf(request), action: "pause" },
    ...keepingDrain(request.mode === "finish"),
    check: (current, first) => {
      if (!first && (ifMatch !== undefined || current.holds.manual !== undefined)) throw flowChanged(current);
      if (current.holds.manual === undefined) return undefined;
      throw flowAlreadyPaused(current);
    },
  });
};

/** Returns when the pause ends (ISO 8601). Throws `invalid_request` for an end that is not possible. */
export const endOf = (asked: string | undefined, now: number): string => {
  if (asked === undefined) return iso(now + MAX_HOLD_MS);
  const time = Date.parse(asked);
  if (time <= now) throw resumeAtInPast();
  if (time > now + MAX_HOLD_MS) throw resumeAtTooLate();
  return iso(time);
};
