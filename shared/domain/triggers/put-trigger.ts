import type { Actor } from "../../model/actor.ts";
import type { Json } from "../../model/json/json.ts";
import { MAX_TRIGGERS } from "../../model/limits.ts";
import type { Trigger } from "../../model/schemas/trigger.ts";
import { iso } from "../../model/time/clock.ts";
import { DEFAULT_TIMEZONE, type WhileHeld } from "../../model/triggers.ts";
import type { FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import type { TriggerItem } from "../../store/flows/triggers.ts";
import { orWarn, type TriggerDependencies } from "../deps.ts";
import { payloadText } from "../dispatch/dispatch-run.ts";
import { readRequestedFlow } from "../flows/change-flow.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import {
  invalidSchedule,
  tooManyTriggers,
  triggerChanged,
  triggerHasOtherRev,
  triggerNotFound,
} from "../refusals.ts";

interface TriggerRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly triggerId: string;
}
interface TriggerChange extends TriggerRequest {
  /** The revision that the caller has seen. */
  readonly ifMatch?: number | undefined;
}
export interface PutTriggerRequest extends TriggerChange {
  readonly actor: Actor;
  readonly schedule: string;
  readonly timezone?: string | undefined;
  readonly payload?: unknown;
  readonly whileHeld: WhileHeld;
  readonly enabled?: boolean | undefined;
}

export const triggerView = ({
  generation: _g,
  dropped: _d,
  latest: _l,
  payload,
  ...view
}: TriggerItem): Trigger => ({
  ...view,
  payload: JSON.parse(payload) as Json,
  rev: revOf(view),
});

/** The revision that the caller has seen is the trigger's, not the flow's. */
const readFlowOf = (
  deps: TriggerDependencies,
  { workspace, flowId }: Omit<TriggerRequest, "triggerId">,
): Promise<FlowItem> => readRequestedFlow(deps.flows, { workspace, flowId });

const revOf = ({ rev = 1 }: Pick<TriggerItem, "rev">): number => rev;

const refuseOtherRev = ({ triggerId, ifMatch }: TriggerChange, was: TriggerItem | undefined): void => {
  const rev = was && revOf(was);
  if (ifMatch !== undefined && ifMatch !== rev) throw triggerHasOtherRev(triggerId, rev);
};

/**
 * Creates or replaces a trigger: (1) a note of both generations; (2) the schedule of the new one; (3) the trigger with it; (4) the schedule
 * of the old one goes. If the process dies in between, or the flow's deletion has overlooked the trigger, the sweeper finds the note and
 * deletes each schedule whose generation is not the trigger's. Until then, its events do nothing. Throws `invalid_request` if Scheduler does
 * not accept the schedule, `state_changed`.
 */
export const putTrigger = async (
  deps: TriggerDependencies,
  asked: PutTriggerRequest,
): Promise<{ readonly trigger: TriggerItem; readonly created: boolean }> => {
  const flow = await readFlowOf(deps, asked);
  const payload = payloadText(asked.payload === undefined ? {} : asked.payload);
  return retryOnConflict(
    deps,
    async () => tryPut(deps, flow, asked, payload),
    () => triggerChanged(asked.triggerId),
  );
};

const tryPut = async (
  deps: TriggerDependencies,
  flow: FlowItem,
  asked: PutTriggerRequest,
  payload: string,
) => {
  const { triggerId, schedule, timezone = DEFAULT_TIMEZONE, whileHeld, enabled = true, actor } = asked;
  const was = await deps.triggers.get(flow, triggerId);
  refuseOtherRev(asked, was);
  if (was === undefined && (await deps.triggers.all(flow)).length >= MAX_TRIGGERS) throw tooManyTriggers();
  const at = iso(deps.clock.now());
  const next: TriggerItem = {
    ...{ triggerId, schedule, timezone, payload, whileHeld, enabled, generation: deps.ids.unique() },
    ...{ createdAt: was?.createdAt ?? at, updatedAt: at, updatedBy: actor.id },
    rev: was === undefined ? 1 : revOf(was) + 1,
  };
  const { workspace, flowId, incarnation } = flow;
  const event = { workspace, flowId, incarnation, triggerId, generation: next.generation };
  await noteSchedules(deps, flow, triggerId, [
    next.generation,
    ...(was === undefined ? [] : [was.generation]),
  ]);
  const problem = await deps.triggerSchedules.create(event, next);
  if (problem !== undefined) throw invalidSchedule(problem);
  const written =
    was === undefined ? await deps.triggers.create(flow, next) : await deps.triggers.replace(flow, was, next);
  const unused = written ? was?.generation : next.generation;
  if (unused !== undefined) await dropSchedule(deps, flow, unused);
  return written ? { trigger: next, created: was === undefined } : ("conflict" as const);
};

/** The sweeper looks when this process has certainly ended. */
const noteSchedules = (
  { triggers, ids, clock }: TriggerDependencies,
  flow: FlowIdentity,
  triggerId: string,
  generations: readonly string[],
): Promise<void> =>
  triggers.note(flow, {
    ...{ triggerId, noteId: ids.unique(), generations },
    due: iso(clock.now() + LATE_WRITER_MS),
  });

const dropSchedule = (deps: TriggerDependencies, flow: FlowIdentity, generation: string): Promise<void> =>
  orWarn(deps, flow, "A trigger's schedule could not be deleted; the sweeper will delete it", () =>
    deps.triggerSchedules.delete(generation),
  );

export const readTrigger = async (deps: TriggerDependencies, asked: TriggerRequest): Promise<TriggerItem> => {
  const flow = await readFlowOf(deps, asked);
  const trigger = await deps.triggers.get(flow, asked.triggerId);
  if (trigger === undefined) throw triggerNotFound(asked.triggerId);
  return trigger;
};

export const readTriggers = async (
  deps: TriggerDependencies,
  asked: Omit<TriggerRequest, "triggerId">,
): Promise<TriggerItem[]> => deps.triggers.all(await readFlowOf(deps, asked));

/** Deletes a trigger, and then its schedule. If the process dies in between, the sweeper finds the note and deletes the schedule. */
export const deleteTrigger = async (deps: TriggerDependencies, asked: TriggerChange): Promise<void> => {
  const flow = await readFlowOf(deps, asked);
  const trigger = await readTrigger(deps, asked);
  refuseOtherRev(asked, trigger);
  await noteSchedules(deps, flow, trigger.triggerId, [trigger.generation]);
  if (!(await deps.triggers.delete(flow, trigger))) throw triggerChanged(asked.triggerId);
  await dropSchedule(deps, flow, trigger.generation);
};
