import type { Actor } from "../../model/actor.ts";
import type { SluiceError } from "../../model/errors.ts";
import { standingHolds } from "../../model/holds/hold.ts";
import { type HoldKind, LIFTABLE_HOLDS, type LiftableHold } from "../../model/holds/kinds.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { LiftDependencies } from "../deps.ts";
import { type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { flowChanged, heldBySpendCap, nothingToResume } from "../refusals.ts";
import { liftHolds } from "./lift-hold.ts";

export interface ResumeFlow extends FlowRequest {
  readonly actor: Actor;
  /** Starts per second. */
  readonly drainRate?: number | undefined;
  /** Kinds or ids. If absent, all that Resume lifts. */
  readonly holds?: readonly (LiftableHold | (string & {}))[] | undefined;
  readonly reason?: string | undefined;
}

/**
 * Lifts the requested holds. Throws `spend_hold` if only the spend cap holds the flow or its hold was requested by its id, and
 * `action_not_allowed` if the flow has none of the requested holds.
 */
export const resumeFlow = async (deps: LiftDependencies, request: ResumeFlow): Promise<FlowItem> => {
  const { holds: asked = LIFTABLE_HOLDS } = request;
  const standing = (flow: FlowItem) =>
    standingHolds(flow)
      .filter(({ id, kind }) => isLiftable(kind) && (asked.includes(kind) || asked.includes(id)))
      .map(({ id }) => id);
  const first = await readRequestedFlow(deps.flows, request);
  const namesSpend = first.holds.spend !== undefined && asked.includes(first.holds.spend.id);
  if (namesSpend || standing(first).length === 0) throw await refusal(deps, first, namesSpend);
  return liftHolds(deps, {
    ...request,
    action: "resume",
    which: (flow) => {
      const ids = standing(flow);
      if (ids.length === 0) throw flowChanged(flow);
      return ids;
    },
  });
};

const isLiftable = (kind: HoldKind): boolean => LIFTABLE_HOLDS.some((one) => one === kind);

const refusal = async (deps: LiftDependencies, flow: FlowItem, namesSpend: boolean): Promise<SluiceError> => {
  const { spend, ...others } = flow.holds;
  const isSpendOnly = spend !== undefined && Object.keys(others).length === 0;
  return namesSpend || isSpendOnly
    ? heldBySpendCap(flow, await spentInPeriod(deps, flow))
    : nothingToResume(flow);
};

const spentInPeriod = async (deps: LiftDependencies, flow: FlowItem): Promise<number> => {
  const readings = await deps.meters.read(flow, "spend");
  return readings.of(flow.caps.spend?.period ?? "month", deps.clock.now()).used;
};
