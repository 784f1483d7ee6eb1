import type { Actor } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import type { HoldKind } from "../../model/holds.ts";
import { flowStatus } from "../../model/holds.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { ResumeTools } from "../deps.ts";
import { type FlowAsked, readAsked } from "../flows/change-flow.ts";
import { flowChanged } from "../refusals.ts";
import { liftHolds } from "./lift-hold.ts";

/** Holds that people lift; the spend cap's has no resume. */
type LiftableHold = Exclude<HoldKind, "spend">;
const LIFTABLE: readonly LiftableHold[] = ["manual", "throughput"];

export interface ResumeFlow extends FlowAsked {
  readonly actor: Actor;
  /** Starts a second. */
  readonly drainRate?: number | undefined;
  /** Absent: both. */
  readonly holds?: readonly LiftableHold[] | undefined;
  readonly reason?: string | undefined;
}

/**
 * Lifts the holds that are asked for. Throws `spend_hold` where only the spend cap holds the flow, and `action_not_allowed`
 * where none of the holds stands.
 */
export const resumeFlow = async (deps: ResumeTools, request: ResumeFlow): Promise<FlowItem> => {
  const asked = request.holds ?? LIFTABLE;
  const standing = (flow: FlowItem) => asked.filter((kind) => flow.holds[kind] !== undefined);
  const first = await readAsked(deps.flows, request);
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

const refusal = async (deps: ResumeTools, flow: FlowItem): Promise<SluiceError> => {
  const { spend, ...others } = flow.holds;
  if (spend !== undefined && Object.keys(others).length === 0) {
    return new SluiceError(
      "spend_hold",
      "The spend cap holds the flow: raise the cap, or wait for the period's end",
      {
        cap: flow.caps.spend?.limit,
        used: await deps.spent(flow),
        liftsAt: spend.resumeAt,
      },
    );
  }
  const currentStatus = flowStatus(flow.holds);
  const allowedActions = flow.holds.manual === undefined ? ["pause"] : ["resume"];
  const detail =
    currentStatus === "active" ? "The flow is not held" : "None of the named holds stands on the flow";
  return new SluiceError("action_not_allowed", detail, { currentStatus, allowedActions });
};
