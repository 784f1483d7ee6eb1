import type { Actor } from "../../model/actor.ts";
import type { SluiceError } from "../../model/errors.ts";
import type { HoldKind } from "../../model/holds.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { LiftDependencies } from "../deps.ts";
import { type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { flowChanged, heldBySpendCap, nothingToResume } from "../refusals.ts";
import { liftHolds } from "./lift-hold.ts";

/** Holds that people can lift. The hold of a spend cap ends with its period or with a new cap. */
type LiftableHold = Exclude<HoldKind, "spend">;
const LIFTABLE: readonly LiftableHold[] = ["manual", "throughput"];

export interface ResumeFlow extends FlowRequest {
  readonly actor: Actor;
  /** Starts per second. */
  readonly drainRate?: number | undefined;
  /** If absent, both. */
  readonly holds?: readonly LiftableHold[] | undefined;
  readonly reason?: string | undefined;
}

/**
 * Lifts the requested holds. Throws `spend_hold` if only the spend cap holds the flow, and `action_not_allowed` if the flow has
 * none of the requested holds.
 */
export const resumeFlow = async (deps: LiftDependencies, request: ResumeFlow): Promise<FlowItem> => {
  const asked = request.holds ?? LIFTABLE;
  const standing = (flow: FlowItem) => asked.filter((kind) => flow.holds[kind] !== undefined);
  const first = await readRequestedFlow(deps.flows, request);
  if (standing(first).length === 0) throw await refusal(deps, first);
  return liftHolds(deps, {
    ...request,
    action: "resume",
    which: (flow) => {
      const kinds = standing(flow);
      if (kinds.length === 0) throw flowChanged(flow);
      return kinds;
    },
  });
};

const refusal = async (deps: LiftDependencies, flow: FlowItem): Promise<SluiceError> => {
  const { spend, ...others } = flow.holds;
  const isSpendOnly = spend !== undefined && Object.keys(others).length === 0;
  return isSpendOnly ? heldBySpendCap(flow, await spentInPeriod(deps, flow)) : nothingToResume(flow);
};

const spentInPeriod = async (deps: LiftDependencies, flow: FlowItem): Promise<number> => {
  const readings = await deps.meters.read(flow, "spend");
  return readings.of(flow.caps.spend?.period ?? "month", deps.clock.now()).used;
};
