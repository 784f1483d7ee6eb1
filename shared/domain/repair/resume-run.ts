import { iso } from "../../model/time/clock.ts";
import type { IntentKind } from "../../store/intent.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { Patch } from "../../store/runs/status-change.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { resumeNotPossible } from "../refusals.ts";
import { type ActionRequest, applyAction, type Plan } from "../runs/apply-action.ts";
import { newIntent } from "../runs/intents.ts";
import { performIntentOrLeave } from "../runs/perform-intent.ts";
import { isQueued } from "../runs/queued-run.ts";
import {
  changeByActor,
  deadlineAfterPause,
  ending,
  markResumed,
  standsOnError,
} from "../runs/status-change.ts";
import { type MoveRequest, startsOnLatest } from "./move-request.ts";
import { type Move, planMove } from "./move-run.ts";
import { accessAtResume } from "./resume-access.ts";
import { retryFailedStep } from "./retry-step.ts";

export interface ResumeRunRequest extends ActionRequest {
  /**
   * An administrator vouches for the permissions that the run's user lacks. The caller has checked the administrator's
   * permission.
   */
  readonly override?: boolean;
  /** Ends a run that an error paused as failed, with that error. */
  readonly giveUp?: boolean;
  /** Sends the run elsewhere. The caller has checked the permission. */
  readonly move?: MoveRequest;
  /** Lets this many steps begin, and pauses the run again before the next one. */
  readonly steps?: number;
}

/**
 * Lifts the user's pause, and only that: if the flow is held too, the run's gate parks it again. A halted run tries its step
 * again in a fresh execution. Refused, with nothing written, if the run's user lacks a permission for a step ahead. The write
 * includes the intent to wake or to start, so nothing is lost if the process dies afterwards. The parks are read after the write, so a
 * gate that parks in the meantime is either found or sees the write itself. A run that has no parks at that write need not be woken.
 */
export const resumeRun = async (deps: ResumeRunDependencies, request: ResumeRunRequest): Promise<RunItem> => {
  const plan: Plan =
    request.giveUp === true
      ? (record, now, op) => giveUp(deps, request, record, now, op)
      : (record, now, op) => planResume(deps, request, record, now, op);
  const resumed = await applyAction(deps, { ...request, action: "resume" }, plan);
  await performIntentOrLeave(deps, resumed);
  if (!isQueued(resumed)) return resumed;
  return (await deps.runs.get(resumed.workspace, resumed.runId)) ?? resumed;
};

const planResume = async (
  deps: ResumeRunDependencies,
  { actor, reason, override = false, move, steps }: ResumeRunRequest,
  record: RunItem,
  now: number,
  op: string,
): Promise<Awaited<ReturnType<Plan>>> => {
  const { kinds, patch, elsewhere } = await way(deps, record, move, now);
  const vouched = await accessAtResume(deps, record, override, elsewhere?.from);
  const intent = kinds.length === 0 ? undefined : newIntent(kinds, record.intent, now, deps.ids);
  const set: NonNullable<Patch["set"]> = {
    updatedAt: iso(now),
    ...patch,
    ...(intent === undefined ? {} : { intent }),
    ...deadlineAfterPause(record, now),
    ...markResumed(record),
    ...(steps === undefined ? {} : { stepping: { left: steps, of: steps, by: actor } }),
    ...(vouched.length === 0 ? {} : { vouched: [...(record.vouched ?? []), ...vouched] }),
  };
  return {
    change: changeByActor(record.startedAt === undefined ? "requeue" : "resume", actor, now, {
      ...{ reason, op, moved: elsewhere?.moved },
      ...(override ? { override, vouched } : {}),
    }),
    patch: {
      set,
      remove: [
        "pausedBy",
        "parkedAt",
        "failure",
        "unstarted",
        "pauseBefore",
        ...(steps === undefined ? (["stepping"] as const) : []),
      ],
    },
  };
};

/** Decides whether the run continues elsewhere, at the step that failed, or where it is parked. */
const way = async (
  deps: ResumeRunDependencies,
  record: RunItem,
  move: MoveRequest | undefined,
  now: number,
): Promise<{ kinds: readonly IntentKind[]; patch: NonNullable<Patch["set"]>; elsewhere?: Move }> => {
  if (move !== undefined && !startsOnLatest(record, move)) {
    const elsewhere = await planMove(deps, record, move, now);
    return { kinds: ["start"], patch: elsewhere.set, elsewhere };
  }
  if (!standsOnError(record)) return { kinds: kindsFor(record), patch: {} };
  return { kinds: ["start"], patch: await retryFailedStep(deps, record) };
};

/**
 * Returns the intent that resumes a run. A run that was paused in the queue returns to its position, and is started if the flow
 * is no longer held.
 */
const kindsFor = (record: RunItem): IntentKind[] => {
  const wake: IntentKind[] = record.neverParked === true ? [] : ["wake"];
  if (record.waitsFor !== undefined) return ["queue"];
  if (record.startedAt !== undefined || record.execution !== undefined) return wake;
  return record.queuedAt === undefined ? [...wake, "start"] : ["queue"];
};

/**
 * Ends a halted run as failed. The full cause was stored when the run was halted. The intent to stop deletes the parks of its branches, in
 * case the failed execution has not ended yet.
 */
const giveUp = (
  deps: ResumeRunDependencies,
  { actor, reason }: ResumeRunRequest,
  record: RunItem,
  now: number,
  op: string,
): ReturnType<Plan> => {
  const { pausedBy, currentStep } = record;
  if (!standsOnError(record))
    throw resumeNotPossible(
      "Only a run that an error paused can be given up. To end this run, cancel it instead.",
    );
  const { error = "", cause = "", state = "", message } = pausedBy ?? {};
  const known = message === undefined ? {} : { message };
  const step = currentStep?.name === state ? { stepId: currentStep.stepId } : {};
  const { set, remove } = ending(now);
  const intent = newIntent(["stop"], record.intent, now, deps.ids);
  return {
    change: changeByActor("fail", actor, now, { reason, op }),
    patch: { set: { ...set, error: { error, cause, state, ...known, ...step }, intent }, remove },
  };
};
