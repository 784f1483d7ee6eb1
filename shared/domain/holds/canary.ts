import type { Actor } from "../../model/actor.ts";
import type { Canary } from "../../model/holds/canary.ts";
import { standingHolds } from "../../model/holds/hold.ts";
import { durationMilliseconds, iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { HoldDependencies, LiftDependencies } from "../deps.ts";
import { changeFlow, type FlowRequest, flowEntry } from "../flows/change-flow.ts";
import { canaryBesideHold, canaryUnderWay } from "../hold-refusals.ts";
import { runningCanary, withFailedCanary } from "./canary-state.ts";
import { afterLift, type Lift } from "./lift-hold.ts";
import { newDrain } from "./start-drain.ts";

export const SYSTEM_CANARY: Actor = { kind: "system", id: "canary" };
const DEFAULT_WITHIN = "PT1H";

export const CANARY_TOO_LATE = "Its runs were not through in time";

export interface CanaryRequest extends Lift {
  /** How many runs go first. */
  readonly canary: number;
  /** ISO 8601 duration. */
  readonly canaryWithin?: string | undefined;
}

/**
 * Begins a canary: one write stores it, with the intent of a drain that chooses its runs, lets them through and watches them. The holds
 * stay. If this process dies before the drain is started, the sweeper starts it. Throws `action_not_allowed` beside a hold that this resume
 * does not lift, and beside another canary.
 */
export const beginCanary = async (deps: LiftDependencies, asked: CanaryRequest): Promise<FlowItem> => {
  const { actor, reason, drainRate, ramp } = asked;
  const { was, next } = await changeFlow(deps, asked, (flow, now) => {
    const holds = asked.which(flow);
    if (runningCanary(flow) !== undefined) throw canaryUnderWay(flow);
    const others = standingHolds(flow).filter(({ id }) => !holds.includes(id));
    if (others.length > 0) throw canaryBesideHold(flow, others);
    const at = iso(now);
    const within = durationMilliseconds(asked.canaryWithin ?? DEFAULT_WITHIN) ?? 0;
    const canary: Canary = {
      ...{ id: deps.ids.unique(), holds, state: "running", count: asked.canary, runs: [], through: 0 },
      ...{ round: 0, since: at, until: iso(now + within), by: actor },
      ...(drainRate === undefined ? {} : { drainRate }),
      ...(ramp === undefined ? {} : { ramp }),
    };
    const epoch = flow.epoch + 1;
    const drain = newDrain(epoch, now, drainRate);
    const begun = { ...flow, canary, drain, epoch, rev: flow.rev + 1, updatedAt: at };
    return { next: begun, entries: [flowEntry(flow, begun, { at, actor, action: "canary-begun", reason })] };
  });
  await afterLift(deps, was, next);
  return next;
};

/** Ends that canary. The holds stay, and its runs stop at their next gates. If it is over already, nothing is done, or `gone` is thrown. */
export const failCanary = async (
  deps: Pick<HoldDependencies, "flows" | "clock" | "metrics">,
  asked: FlowRequest,
  id: string,
  {
    reason,
    actor = SYSTEM_CANARY,
    gone,
  }: {
    readonly reason: string;
    readonly actor?: Actor;
    readonly gone?: (flow: FlowItem) => Error;
  },
): Promise<FlowItem> => {
  const { next } = await changeFlow(deps, asked, (flow, now) => {
    const canary = runningCanary(flow);
    if (canary?.id !== id) {
      if (gone !== undefined) throw gone(flow);
      return undefined;
    }
    const at = iso(now);
    const failed = {
      ...withFailedCanary(flow, canary, reason),
      ...{ epoch: flow.epoch + 1, rev: flow.rev + 1, updatedAt: at },
    };
    return {
      next: failed,
      entries: [flowEntry(flow, failed, { at, actor, action: "canary-failed", reason })],
    };
  });
  return next;
};
