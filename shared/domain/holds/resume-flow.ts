import type { Actor } from "../../model/actor.ts";
import type { SluiceError } from "../../model/errors.ts";
import { standingHolds } from "../../model/holds/hold.ts";
import { type HoldKind, LIFTABLE_HOLDS, RESUMABLE_HOLDS } from "../../model/holds/kinds.ts";
import type { AskedRamp } from "../../model/holds/ramp.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { LiftDependencies } from "../deps.ts";
import { type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { heldByIncident, heldBySpendCap, nothingToResume, rampBesideHold } from "../hold-refusals.ts";
import { flowChanged } from "../refusals.ts";
import { withoutNextPause } from "./begin-pause.ts";
import { beginCanary } from "./canary.ts";
import { liftHolds } from "./lift-hold.ts";
import { checkRamp } from "./ramp.ts";

export interface ResumeFlow extends FlowRequest {
  readonly actor: Actor;
  /** Starts per second. */
  readonly drainRate?: number | undefined;
  readonly ramp?: AskedRamp | undefined;
  /** Kinds or ids. If absent, all that Resume lifts. */
  readonly holds?: readonly ((typeof RESUMABLE_HOLDS)[number] | (string & {}))[] | undefined;
  readonly reason?: string | undefined;
  /** How many runs go first, and the time that they have (an ISO 8601 duration). */
  readonly canary?: number | undefined;
  readonly canaryWithin?: string | undefined;
}

/**
 * Lifts the requested holds, or begins the canary that lifts them later. Throws `invalid_request` for a ramp that cannot be, `spend_hold` if
 * only the spend cap holds the flow or its hold was requested by its id, `incident_hold` if nothing that was requested holds it but an incident does, and
 * `action_not_allowed` if the flow has none of the requested holds, or if a ramp or a canary is asked for and others would stay.
 */
export const resumeFlow = async (deps: LiftDependencies, request: ResumeFlow): Promise<FlowItem> => {
  const { holds: asked = LIFTABLE_HOLDS, ramp, drainRate, canary } = request;
  checkRamp(ramp, drainRate);
  const standing = (flow: FlowItem) =>
    standingHolds(flow)
      .filter(({ id, kind }) => isLiftable(kind) && (asked.includes(kind) || asked.includes(id)))
      .map(({ id }) => id);
  const first = await readRequestedFlow(deps.flows, request);
  const namesSpend = first.holds.spend !== undefined && asked.includes(first.holds.spend.id);
  if (namesSpend || standing(first).length === 0) throw await refusal(deps, first, namesSpend);
  const which = (flow: FlowItem) => {
    const ids = standing(flow);
    if (ids.length === 0) throw flowChanged(flow);
    if (ramp !== undefined) refuseRampBesideHold(flow, ids);
    return ids;
  };
  const lift = { ...request, action: "resume", which };
  if (canary !== undefined) return beginCanary(deps, { ...lift, canary });
  return liftHolds(deps, {
    ...lift,
    also: (lifted, now) => {
      const { actor, reason } = request;
      return withoutNextPause(lifted, iso(now), { at: iso(now), actor, reason });
    },
  });
};

const isLiftable = (kind: HoldKind): boolean => RESUMABLE_HOLDS.some((one) => one === kind);

/** A resume that leaves a hold on the whole flow would start nothing, and the ramp would be lost. */
const refuseRampBesideHold = ({ holds, ...flow }: FlowItem, lifted: readonly string[]): void => {
  const left = Object.entries(holds).flatMap(([kind, { id }]) => (lifted.includes(id) ? [] : [kind]));
  if (left.length > 0) throw rampBesideHold({ holds, ...flow }, left);
};

const refusal = async (deps: LiftDependencies, flow: FlowItem, namesSpend: boolean): Promise<SluiceError> => {
  const { spend, ...others } = flow.holds;
  const isSpendOnly = spend !== undefined && Object.keys(others).length === 0;
  const incident = standingHolds(flow).find(({ kind }) => kind === "incident");
  if (namesSpend || (isSpendOnly && incident === undefined))
    return heldBySpendCap(flow, await spentInPeriod(deps, flow));
  return incident === undefined ? nothingToResume(flow) : heldByIncident(flow, incident.incidentId);
};

const spentInPeriod = async (deps: LiftDependencies, flow: FlowItem): Promise<number> => {
  const readings = await deps.meters.read(flow, "spend");
  return readings.of(flow.caps.spend?.period ?? "month", deps.clock.now()).used;
};
