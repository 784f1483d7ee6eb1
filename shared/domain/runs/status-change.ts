import type { Actor } from "../../model/actor.ts";
import { SYSTEM } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import type { Transition } from "../../model/transitions.ts";
import type { Moved, RunItem } from "../../store/runs/run-item.ts";
import type { Patch, StatusChange } from "../../store/runs/status-change.ts";
import { type Failure, shortError } from "../steps/failure.ts";
import { groupOf } from "./failures/failure-group.ts";

/** Returns a status change by Sluice itself. */
export const changeBySystem = (transition: Transition, now: number, reason?: string): StatusChange =>
  changeByActor(transition, SYSTEM, now, { reason });

export const changeByActor = (
  transition: Transition,
  actor: Actor,
  now: number,
  more: {
    readonly reason?: string | undefined;
    readonly op?: string;
    readonly override?: true | false;
    readonly vouched?: readonly string[];
    readonly moved?: Moved | undefined;
  },
): StatusChange => ({
  transition,
  entry: {
    at: iso(now),
    actor,
    ...(more.reason === undefined ? {} : { reason: more.reason }),
    ...(more.op === undefined ? {} : { op: more.op }),
    ...(more.moved === undefined ? {} : { moved: more.moved }),
    ...(more.override === true ? { override: true, vouched: more.vouched ?? [] } : {}),
  },
});

/**
 * Returns the changes of attributes when a run ends: nothing is due, held or awaited any longer. Whether it ever left the queue
 * is kept.
 */
export const ending = (
  now: number,
): { set: NonNullable<Patch["set"]>; remove: NonNullable<Patch["remove"]> } => ({
  set: { updatedAt: iso(now), endedAt: iso(now) },
  remove: ["pausedBy", "parkedAt", "waitingOn", "deadline", "checkAt", "lost", "pauseBefore", "stepping"],
});

/** Returns the deadline, postponed by the time that the run was paused. */
export const deadlineAfterPause = (
  record: Pick<RunItem, "deadline" | "pausedBy">,
  now: number,
): Pick<RunItem, "deadline"> => {
  if (record.deadline === undefined || record.pausedBy === undefined) return {};
  const paused = Math.max(now - Date.parse(record.pausedBy.at), 0);
  return { deadline: iso(Date.parse(record.deadline) + paused) };
};

/** Marks a run that was paused, since its workspace may let it keep the permissions that its user had at the start. */
export const markResumed = ({ runAs }: Pick<RunItem, "runAs">): Pick<RunItem, "resumed"> =>
  runAs === "user" ? { resumed: true } : {};

interface StatusAndPause {
  readonly status: RunItem["status"];
  readonly pausedBy?: RunItem["pausedBy"] | undefined;
}

/** Whether the run is paused because a step failed for good. */
export const standsOnError = ({ status, pausedBy }: StatusAndPause): boolean =>
  status === "paused" && pausedBy?.kind === "error";

/** When the sweeper checks a halted run, in case the event of its execution's end does not arrive. */
const FIRST_LOOK_MS = 60_000;

/**
 * Returns the attributes of a run that is halted because a step failed for good. Its execution ends, and the run is in its next attempt,
 * which has no execution until it is resumed. Late gates of the old execution are refused. An earlier pause gives way to the error, so its
 * time is added to the deadline here.
 */
export const standing = (
  run: Pick<RunItem, "attempt" | "deadline" | "pausedBy" | "flowId">,
  failure: Failure,
  now: number,
): Patch => {
  const { stepId: _, ...error } = shortError(failure);
  return {
    set: {
      updatedAt: iso(now),
      pausedBy: { kind: "error", ...error, at: iso(now) },
      failure: groupOf(run, failure, now),
      attempt: run.attempt + 1,
      continuedFrom: run.attempt,
      unstarted: true,
      checkAt: iso(now + FIRST_LOOK_MS),
      ...deadlineAfterPause(run, now),
    },
    remove: ["waitingOn", "parkedAt", "intent", "historyBudget", "lost", "entry"],
  };
};
