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
  /** An administrator vouches for the permissions that the run's user lacks. The caller has checked who may do so. */
  readonly override?: boolean;
}

/**
 * Lifts the user's pause, and only that: where the flow is held too, the run's gate parks it again. Refused, with nothing
 * written, where the run's user lacks a permission for a step ahead. The write carries the intent to wake, so a death after it
 * loses no wake-up. The parks are read after the write, so a gate that parks meanwhile is either found or sees the write
 * itself. A run that has no parks at that write need not be woken.
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
 * The intent that resumes a run. One that was paused in the queue returns to its place, and is started where the flow is no
 * longer held.
 */
const kindsFor = (record: RunItem): IntentKind[] => {
  const wake: IntentKind[] = record.neverParked === true ? [] : ["wake"];
  if (record.startedAt !== undefined) return wake;
  return record.queuedAt === undefined ? [...wake, "start"] : ["queue"];
};
