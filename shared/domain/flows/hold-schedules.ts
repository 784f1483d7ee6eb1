import type { HoldEvent } from "../../outbound/schedules.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import { type HoldDependencies, logFields } from "../deps.ts";
import { holdScheduleFailed } from "../refusals.ts";

/** The warning comes this long before the end, where the hold lasts longer. */
const WARNING_MS = 86_400_000;

/** `resumeAt`: epoch milliseconds. Both are answered before anything else is done: what is deleted then does not come later. */
export const createSchedules = async (
  deps: HoldDependencies,
  event: HoldEvent,
  resumeAt: number,
): Promise<void> => {
  const end = deps.schedules.createEnd(event, resumeAt);
  const [ended] = await Promise.allSettled([end, warnBefore(deps, event, resumeAt)]);
  if (ended.status === "fulfilled") return;
  // It may exist all the same: it would find no hold of its id.
  await dropSchedules(deps, event, event.holdId);
  throw holdScheduleFailed(ended.reason);
};

const warnBefore = async (deps: HoldDependencies, event: HoldEvent, resumeAt: number): Promise<void> => {
  const at = resumeAt - WARNING_MS;
  if (at <= deps.clock.now()) return;
  try {
    await deps.schedules.createWarning(event, at);
  } catch (error) {
    deps.log.warn("Nobody will be warned of the hold's end", { ...logFields(event), error: error as Error });
  }
};

/** Best effort: a schedule that is left over finds no hold of its id. */
export const dropSchedules = async (
  deps: HoldDependencies,
  flow: FlowIdentity,
  holdId: string,
): Promise<void> => {
  try {
    await deps.schedules.delete(holdId);
  } catch (error) {
    deps.log.warn("A schedule is left over", { ...logFields(flow), error: error as Error });
  }
};
