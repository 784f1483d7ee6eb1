import { iso } from "../../model/time/clock.ts";
import type { IntentKind } from "../../store/intent.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { type ActionRequest, applyAction } from "./apply-action.ts";
import { newIntent } from "./intents.ts";
import { performIntentOrLeave } from "./perform-intent.ts";
import { isQueued } from "./queued-run.ts";
import { accessAtResume } from "./resume-access.ts";
import { changeByActor, deadlineAfterPause, markResumed } from "./status-change.ts";

export interface ResumeRunRequest extends ActionRequest {
  /**
   * An administrator vouches for the permissions that the run's user lacks. The caller has checked the administrator's
   * permission.
   */
  readonly override?: boolean;
}

/**
 * Lifts the user's pause, and only that: if the flow is held too, the run's gate parks it again. Refused, with nothing written,
 * if the run's user lacks a permission for a step ahead. The write includes the intent to wake, so no wake-up is lost if the
 * process dies afterwards. The parks are read after the write, so a gate that parks in the meantime is either found or sees the
 * write itself. A run that has no parks at that write need not be woken.
 */
export const resumeRun = async (deps: ResumeRunDependencies, request: ResumeRunRequest): Promise<RunItem> => {
  const { actor, reason, override = false } = request;
  const resumed = await applyAction(deps, request, "resume", async (record, now, op) => {
    const vouched = await accessAtResume(deps, record, override);
    const began = record.startedAt !== undefined;
    const kinds = kindsFor(record);
    const intent = kinds.length === 0 ? undefined : newIntent(kinds, record.intent, now, deps.ids);
    return {
      change: changeByActor(began ? "resume" : "requeue", actor, now, {
        ...{ reason, op },
        ...(override ? { override, vouched } : {}),
      }),
      patch: {
        set: {
          updatedAt: iso(now),
          ...(intent === undefined ? {} : { intent }),
          ...deadlineAfterPause(record, now),
          ...markResumed(record),
          ...(vouched.length === 0 ? {} : { vouched: [...(record.vouched ?? []), ...vouched] }),
        },
        remove: ["pausedBy", "parkedAt"],
      },
    };
  });
  await performIntentOrLeave(deps, resumed);
  if (!isQueued(resumed)) return resumed;
  return (await deps.runs.get(resumed.workspace, resumed.runId)) ?? resumed;
};

/**
 * Returns the intent that resumes a run. A run that was paused in the queue returns to its position, and is started if the flow
 * is no longer held.
 */
const kindsFor = (record: RunItem): IntentKind[] => {
  const wake: IntentKind[] = record.neverParked === true ? [] : ["wake"];
  if (record.startedAt !== undefined || record.execution !== undefined) return wake;
  return record.queuedAt === undefined ? [...wake, "start"] : ["queue"];
};
