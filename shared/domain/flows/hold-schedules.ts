import type { HoldEvent } from "../../outbound/ports.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import { type HoldDependencies, orWarn } from "../deps.ts";
import { holdScheduleFailed } from "../refusals.ts";

/**
 * Creates the schedules that end a hold and warn of its end. Both calls are answered before anything else is done, so that a
 * schedule that is deleted later is not created after that. `resumeAt`: epoch milliseconds.
 */
export const createSchedules = async (
  deps: HoldDependencies,
  event: HoldEvent,
  resumeAt: number,
): Promise<void> => {
  const end = deps.schedules.createEnd(event, resumeAt);
  const [ended] = await Promise.allSettled([end, warnBefore(deps, event, resumeAt)]);
  if (ended.status === "fulfilled") return;
  // It may exist nevertheless, and would then find no hold with its id.
  await dropSchedules(deps, event, event.holdId);
  throw holdScheduleFailed(ended.reason);
};

/** The warning comes this long before the end of a hold that lasts longer. */
const WARNING_MS = 86_400_000;

const warnBefore = async (deps: HoldDependencies, event: HoldEvent, resumeAt: number): Promise<void> => {
  const at = resumeAt - WARNING_MS;
  if (at <= deps.clock.now()) return;
  const failed = "The schedule that warns of the hold's end could not be created";
  await orWarn(deps, event, failed, () => deps.schedules.createWarning(event, at));
};

/** Deletes a hold's schedules if possible. One that remains finds no hold with its id, and does nothing. */
export const dropSchedules = (deps: HoldDependencies, flow: FlowIdentity, holdId: string): Promise<void> =>
  orWarn(deps, flow, "A schedule could not be deleted", () => deps.schedules.delete(holdId));
