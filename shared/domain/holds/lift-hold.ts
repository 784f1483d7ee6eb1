import type { Actor } from "../../model/actor.ts";
import { isFinishing } from "../../model/holds/finish.ts";
import {
  type Holds,
  heldNames,
  type PartialHolds,
  type StandingHold,
  standingHolds,
} from "../../model/holds/hold.ts";
import type { AskedRamp } from "../../model/holds/ramp.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { type LiftDependencies, logFields, orWarn } from "../deps.ts";
import { changeFlow, type FlowChange, type FlowRequest, flowEntry } from "../flows/change-flow.ts";
import { dropSchedules } from "../flows/hold-schedules.ts";
import { beginRamp } from "./ramp.ts";
import { newDrain, startDrain } from "./start-drain.ts";

export interface Lift extends FlowRequest {
  readonly actor: Actor;
  readonly action: string;
  readonly reason?: string | undefined;
  /** Rate of the drain that follows, in starts per second. */
  readonly drainRate?: number | undefined;
  /** How the drain begins slower than that. */
  readonly ramp?: AskedRamp | undefined;
  /** Returns the ids of the holds to lift. If there are none, nothing is done. Throws refusals. */
  readonly which: (flow: FlowItem) => readonly string[];
  /** Whether an incident may place its hold again, since nobody has resumed the flow. */
  readonly mayReturn?: true | undefined;
  /** Another change in the same write, after the lift. */
  readonly also?: ((lifted: FlowItem, now: number) => FlowChange | undefined) | undefined;
}

/**
 * Lifts holds in one write, which records the intent to drain if no hold on the whole flow is left. Then their schedules are deleted and
 * the drain is started, by the sweeper if this process dies. Other holds stay.
 */
export const liftHolds = async (deps: LiftDependencies, lift: Lift): Promise<FlowItem> => {
  const { actor, action, reason } = lift;
  const { was, next } = await changeFlow(deps, lift, (flow, now) => {
    const ids = lift.which(flow);
    if (ids.length === 0) return undefined;
    const at = iso(now);
    const lifted = { ...withoutHolds(flow, ids, now, lift), rev: flow.rev + 1, updatedAt: at };
    const steps = [...new Set(goneHolds(flow, lifted).flatMap((hold) => heldNames(hold) ?? []))];
    const entry = flowEntry(flow, lifted, { at, actor, action, reason, steps });
    const more = lift.also?.(lifted, now);
    return { next: more?.next ?? lifted, entries: [entry, ...(more?.entries ?? [])] };
  });
  recordLateness(deps, actor, was, next);
  await afterLift(deps, was, next);
  return next;
};

/**
 * Records how late holds were lifted that ended at their time: by their schedule, or by the sweeper if the schedule was lost.
 */
const recordLateness = (deps: LiftDependencies, actor: Actor, was: FlowItem, next: FlowItem): void => {
  if (actor.kind !== "schedule" && actor.kind !== "system") return;
  for (const { resumeAt } of goneHolds(was, next)) {
    if (resumeAt === undefined) continue;
    const late = (deps.clock.now() - Date.parse(resumeAt)) / 1_000;
    deps.metrics.measure("resumeLateness", late);
    if (actor.kind === "system") deps.metrics.count("holdsLiftedBySweep");
    deps.log.info("A hold ended at its time", { ...logFields(next), by: actor.kind, late });
  }
};

const goneHolds = (was: FlowItem, next: FlowItem): StandingHold[] => {
  const standing = new Set(standingHolds(next).map(({ id }) => id));
  return standingHolds(was).filter(({ id }) => !standing.has(id));
};

/**
 * Returns the flow without those holds, at the same revision, with the intent to drain unless a hold on every run is left,
 * whose own lift drains everything. A canary is superseded. The drain wakes nothing that the remaining holds keep. `now`: epoch milliseconds.
 */
export const withoutHolds = (
  { canary, ...given }: FlowItem,
  ids: readonly string[],
  now: number,
  { drainRate = given.drain?.rate, ramp, mayReturn }: Pick<Lift, "drainRate" | "ramp" | "mayReturn"> = {},
): FlowItem => {
  const { drain: _canarys, ...stopped } = given;
  const flow: FlowItem = canary?.state === "running" ? stopped : given;
  const left = <Some extends Holds | PartialHolds>(all: Some): Some =>
    Object.fromEntries(Object.entries(all).filter(([, { id }]) => !ids.includes(id))) as Some;
  const { partialHolds = {}, ...whole } = mayReturn ? flow : withLiftedIncidents(flow, ids);
  const holds = left(flow.holds);
  const partial = left(partialHolds);
  const next = { ...whole, holds, ...(Object.keys(partial).length === 0 ? {} : { partialHolds: partial }) };
  const epoch = flow.epoch + 1;
  // Failures are counted anew, or the next one would hold the flow again.
  const errors = flow.holds.errors !== undefined && holds.errors === undefined ? { errorsEra: epoch } : {};
  // Beside a hold that lets runs finish, those that another hold stopped go on.
  if (Object.values(holds).some((hold) => !isFinishing(hold, now))) return { ...next, ...errors, epoch };
  const drain = newDrain(epoch, now, drainRate);
  const { recount: _drained, ...rest } = next; // the drain ends with an empty queue
  const drained = { ...rest, ...errors, epoch, drain };
  // A ramp under way goes on when a hold on some states is lifted.
  return ramp === undefined ? drained : { ...drained, ramp: beginRamp(ramp, drain) };
};

/** Lifted holds of incidents whose ids a flow keeps: more than can be lifted while one placer works. */
const MAX_LIFTED = 100;

/**
 * Returns the flow with the ids of the incidents' holds that are about to be lifted. They are in the lift's own write, so that whoever places
 * or reconciles an incident can tell a flow that was resumed from one that was never held.
 */
const withLiftedIncidents = (flow: FlowItem, ids: readonly string[]): FlowItem => {
  const lifted = standingHolds(flow).filter(({ id, kind }) => kind === "incident" && ids.includes(id));
  if (lifted.length === 0) return flow;
  const all = [...(flow.liftedIncidents ?? []), ...lifted.map(({ id }) => id)];
  return { ...flow, liftedIncidents: all.slice(-MAX_LIFTED) };
};

/** Deletes schedules and starts the drain after the write. Never throws, since the sweeper repeats what failed. */
export const afterLift = async (deps: LiftDependencies, was: FlowItem, next: FlowItem): Promise<void> => {
  for (const { id } of goneHolds(was, next)) await dropSchedules(deps, next, id);
  await startNewDrain(deps, was, next);
};

/** Starts the drain of a change that recorded one. */
export const startNewDrain = async (deps: LiftDependencies, was: FlowItem, next: FlowItem): Promise<void> => {
  const { drain } = next;
  if (drain === undefined || drain.epoch === was.drain?.epoch) return;
  const failed = "The drain could not be started; the sweeper will start it";
  await orWarn(deps, next, failed, () => startDrain(deps, next, drain));
};
