import { type Actor, SYSTEM } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import type { HoldEvent } from "../../outbound/ports.ts";
import { type FlowItem, type ScheduledPause, scheduledStart } from "../../store/flows/flow-item.ts";
import { type HoldDependencies, logFields } from "../deps.ts";
import { changeFlow } from "../flows/change-flow.ts";
import { addHold } from "./add-hold.ts";
import { finishingHold, intakeOf, keepingDrain } from "./finish-pause.ts";
import { withoutPlan } from "./plan-pause.ts";

type Planned = FlowItem & { readonly scheduledPause: ScheduledPause };

/** Whether the flow's planned pause begins now. `now`: ISO 8601. */
export const isPauseDue = (flow: FlowItem, now: string): flow is Planned => {
  const start = scheduledStart(flow);
  return start !== undefined && start <= now;
};

/**
 * Begins the planned pause whose schedule has fired. A schedule fires at least once, perhaps late, or early if clocks differ. If it is early,
 * it creates a later schedule before it returns. While a person's pause stands, the plan waits for the end of that one.
 */
export const autoPause = async (deps: HoldDependencies, event: HoldEvent): Promise<void> => {
  const { workspace, flowId, incarnation, holdId: planId } = event;
  const flow = await deps.flows.read(workspace, flowId);
  if (flow?.incarnation !== incarnation || flow.deleting === true) return;
  if (flow.scheduledPause?.id !== planId) {
    deps.log.info("The planned pause of this schedule has begun, or was cancelled", logFields(flow));
    return;
  }
  const now = deps.clock.now();
  const start = Date.parse(flow.scheduledPause.startAt);
  if (now < start) return deps.schedules.createBegin({ ...event, tries: event.tries + 1 }, start);
  if (isPauseDue(flow, iso(now))) await beginPause(deps, flow, { kind: "schedule", id: planId });
};

/**
 * Turns a planned pause that is due into a hold, in one write, and takes the place of a person's pause that ends now. The schedules that
 * end the hold are created before the write, as with every hold; if this process dies, the plan is still due, and the sweeper begins it.
 * A plan whose end has passed is dropped.
 */
export const beginPause = async (deps: HoldDependencies, flow: Planned, actor: Actor): Promise<void> => {
  const now = deps.clock.now();
  const { id, startAt, resumeAt, mode, by, reason } = flow.scheduledPause;
  const { change } = keepingDrain(mode === "finish");
  if (Date.parse(resumeAt) <= now) return dropPlan(deps, flow);
  const isStill = (current: FlowItem) =>
    current.scheduledPause?.id === id && isPauseDue(current, iso(deps.clock.now()));
  const finishing = finishingHold(flow.scheduledPause, now, resumeAt);
  const hold = { id: deps.ids.unique(), since: iso(now), by, resumeAt, ...finishing };
  const next = await addHold(deps, flow, {
    ...{ kind: "manual", mode: intakeOf(flow.scheduledPause), action: "begin-pause", actor },
    hold: reason === undefined ? hold : { ...hold, reason },
    check: (current) => (isStill(current) ? undefined : current),
    change: (held, was) => {
      const { scheduledPause: _begun, ...next } = change?.(held, was) ?? held;
      return next;
    },
  });
  if (next.holds.manual?.id !== hold.id) return;
  const late = (now - Date.parse(startAt)) / 1_000;
  deps.metrics.measure("pauseLateness", late);
  deps.log.info("A planned pause has begun", { ...logFields(flow), by: actor.kind, late });
};

const dropPlan = async (deps: HoldDependencies, flow: Planned): Promise<void> => {
  const { workspace, flowId, incarnation, scheduledPause: plan } = flow;
  await changeFlow(deps, { workspace, flowId, incarnation }, (current, now) => {
    if (current.scheduledPause?.id !== plan.id) return undefined;
    const reason = "The end of the planned pause had passed before it could begin";
    const { next, entry } = withoutPlan(current, { at: iso(now), actor: SYSTEM, reason });
    return { next, entries: [entry] };
  });
};
