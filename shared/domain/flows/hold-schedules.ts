import type { HoldEvent } from "../../outbound/ports.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import { type HoldDependencies, orWarn } from "../deps.ts";
import { holdScheduleFailed } from "../hold-refusals.ts";

/**
 * Creates the schedules that end a hold and warn of its end. Waits for both responses, so that no schedule is created after its
 * deletion. `resumeAt`: epoch milliseconds. If the end cannot be created, both are deleted again, unless the hold is shared: they may then be
 * those of somebody else who has placed it.
 */
export const createSchedules = async (
  deps: HoldDependencies,
  event: HoldEvent,
  resumeAt: number,
  isShared = false,
): Promise<void> => {
  const end = deps.schedules.createEnd(event, resumeAt);
  const [ended] = await Promise.allSettled([end, warnBefore(deps, event, resumeAt)]);
  if (ended.status === "fulfilled") return;
  // The schedule may have been created nevertheless. It would then find no hold with its id.
  if (!isShared) await dropSchedules(deps, event, event.holdId);
  throw holdScheduleFailed(ended.reason);
};

/** For holds that last longer than this, the warning comes this long before the end. */
const WARNING_MS = 86_400_000;

const warnBefore = async (deps: HoldDependencies, event: HoldEvent, resumeAt: number): Promise<void> => {
  const at = resumeAt - WARNING_MS;
  if (at <= deps.clock.now()) return;
  const failed = "The schedule that warns of the hold's end could not be created";
  await orWarn(deps, event, failed, () => deps.schedules.createWarning(event, at));
};

/** Deletes a hold's schedules if possible. A schedule that remains finds no hold with its id, and does nothing. */
export const dropSchedules = (deps: HoldDependencies, flow: FlowIdentity, holdId: string): Promise<void> =>
  orWarn(deps, flow, "A schedule could not be deleted", () => deps.schedules.delete(holdId));

/** Deletes the schedule of a planned pause if possible. A schedule that remains finds no such plan, and does nothing. */
export const dropBegin = (deps: HoldDependencies, flow: FlowIdentity, planId: string): Promise<void> =>
  orWarn(deps, flow, "The schedule of a planned pause could not be deleted", () =>
    deps.schedules.deleteBegin(planId),
  );
