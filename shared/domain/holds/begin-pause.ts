import { type Actor, SYSTEM } from "../../model/actor.ts";
import { type ErrorCode, SluiceError } from "../../model/errors.ts";
import { iso } from "../../model/time/clock.ts";
import type { HoldEvent } from "../../outbound/ports.ts";
import { type FlowItem, type ScheduledPause, scheduledStart } from "../../store/flows/flow-item.ts";
import { type HoldDependencies, logFields, type StepHoldDependencies } from "../deps.ts";
import { changeFlow, type FlowChange } from "../flows/change-flow.ts";
import { listedSteps } from "../flows/held-steps/held-steps.ts";
import { openVersions } from "../flows/held-steps/open-versions.ts";
import { addHold } from "./add-hold.ts";
import { finishingHold, intakeOf, keepingDrain } from "./finish-pause.ts";
import { startNewDrain } from "./lift-hold.ts";
import { withoutPlan } from "./plan-pause.ts";
import { refuseManyPartialHolds } from "./steps/partial-holds.ts";

type Planned = FlowItem & { readonly scheduledPause: ScheduledPause };

/** Whether the flow's planned pause begins now. `now`: ISO 8601. */
export const isPauseDue = (flow: FlowItem, now: string): flow is Planned => {
  const start = scheduledStart(flow);
  return start !== undefined && start <= now;
};

/** Whether that pause takes the place of a person's pause of the whole flow. */
export const isNextPauseDue = (flow: FlowItem, now: string): flow is Planned =>
  isPauseDue(flow, now) && flow.scheduledPause.steps === undefined;

/**
 * Returns the flow without such a pause: whoever resumes it after the start of a planned pause does not want that one to begin instead.
 * Undefined if none was due at that time. `resumed`: ISO 8601.
 */
export const withoutNextPause = (
  lifted: FlowItem,
  resumed: string,
  change: Parameters<typeof withoutPlan>[1],
): FlowChange | undefined => {
  if (lifted.holds.manual !== undefined || !isNextPauseDue(lifted, resumed)) return undefined;
  const { next, entry } = withoutPlan(lifted, change);
  return { next, entries: [entry] };
};

/**
 * Begins the planned pause whose schedule has fired. A schedule fires at least once, perhaps late, or early if clocks differ. If it is early,
 * it creates a later schedule before it returns. While a person's pause stands, the plan waits for the end of that one.
 */
export const autoPause = async (deps: StepHoldDependencies, event: HoldEvent): Promise<void> => {
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
 * Turns a planned pause that is due into a hold, in one write. One of the whole flow takes the place of a person's pause that ends now.
 * The schedules that end the hold are created before the write, as with every hold; if this process dies, the plan is still due, and the
 * sweeper begins it. A drain that goes on beside a hold on steps is started after the write, or by the sweeper.
 * A plan whose end has passed, or for which there are too many holds on steps, is dropped.
 */
export const beginPause = async (deps: StepHoldDependencies, flow: Planned, actor: Actor): Promise<void> => {
  if (Date.parse(flow.scheduledPause.resumeAt) <= deps.clock.now())
    return dropPlan(deps, flow, "The end of the planned pause had passed before it could begin");
  try {
    await hold(deps, flow, actor);
  } catch (error) {
    const isForGood = error instanceof SluiceError && REFUSALS.has(error.code);
    if (!isForGood || flow.scheduledPause.steps === undefined) throw error;
    await dropPlan(deps, flow, error.message);
  }
};

/** The refusals of a hold on steps that a later attempt would meet again. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(["action_not_allowed", "invalid_request"]);

const hold = async (deps: StepHoldDependencies, flow: Planned, actor: Actor): Promise<void> => {
  const now = deps.clock.now();
  const { id, startAt, resumeAt, mode, steps, by, reason } = flow.scheduledPause;
  const { change } = keepingDrain(mode === "finish");
  const isStill = (current: FlowItem) =>
    current.scheduledPause?.id === id && isPauseDue(current, iso(deps.clock.now()));
  const finishing = finishingHold(flow.scheduledPause, now, resumeAt);
  const begun = { id: deps.ids.unique(), since: iso(now), by, resumeAt, ...finishing };
  let before: FlowItem = flow;
  const next = await addHold(deps, flow, {
    ...{ kind: "manual", mode: intakeOf(flow.scheduledPause), action: "begin-pause", actor },
    ...(steps && { steps: await listedSteps(deps, flow, await openVersions(deps, flow), steps) }),
    hold: reason === undefined ? begun : { ...begun, reason },
    check: (current) => {
      if (!isStill(current)) return current;
      if (steps !== undefined) refuseManyPartialHolds(current);
      before = current;
      return undefined;
    },
    change: (held, was) => {
      const { scheduledPause: _begun, ...next } = change?.(held, was) ?? held;
      return next;
    },
  });
  if (next.holds.manual?.id !== begun.id && next.partialHolds?.[begun.id] === undefined) return;
  if (steps !== undefined) await startNewDrain(deps, before, next);
  const late = (now - Date.parse(startAt)) / 1_000;
  deps.metrics.measure("pauseLateness", late);
  deps.log.info("A planned pause has begun", { ...logFields(flow), by: actor.kind, late });
};

const dropPlan = async (deps: HoldDependencies, flow: Planned, reason: string): Promise<void> => {
  const { workspace, flowId, incarnation, scheduledPause: plan } = flow;
  await changeFlow(deps, { workspace, flowId, incarnation }, (current, now) => {
    if (current.scheduledPause?.id !== plan.id) return undefined;
    const { next, entry } = withoutPlan(current, { at: iso(now), actor: SYSTEM, reason });
    return { next, entries: [entry] };
  });
};
