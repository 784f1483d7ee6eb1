import type { RunItem } from "../../store/runs/run-item.ts";
import type { EndDependencies } from "../deps.ts";
import { type ActionRequest, applyAction } from "./apply-action.ts";
import { newIntent } from "./intents.ts";
import { performIntentOrLeave } from "./perform-intent.ts";
import { leaveQueue } from "./queued-run.ts";
import { changeByActor, ending } from "./status-change.ts";

const NO_REASON = "Cancelled by user";

/**
 * Ends the run at once. The status is written first, with the intent to stop: from then on every gate is closed, so the
 * execution starts nothing more. If this process dies before it has stopped the execution, the sweeper does.
 */
export const cancelRun = async (deps: EndDependencies, request: ActionRequest): Promise<RunItem> => {
  const reason = request.reason ?? NO_REASON;
  let before: RunItem | undefined;
  const cancelled = await applyAction(deps, { ...request, action: "cancel" }, (record, now, op) => {
    before = record;
    const { set, remove } = ending(now);
    const intent = newIntent(["stop"], record.intent, now, deps.ids);
    return {
      change: changeByActor("cancel", request.actor, now, { reason, op }),
      patch: { set: { ...set, cancelReason: reason, intent }, remove: [...remove, "failure"] },
    };
  });
  if (before !== undefined) await leaveQueue(deps, before, true);
  await performIntentOrLeave(deps, cancelled);
  return cancelled;
};
