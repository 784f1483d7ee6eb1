import type { Actor } from "../model/actor.ts";
import { iso } from "../model/clock.ts";
import { MAX_ERROR_NAME } from "../model/limits.ts";
import { SYSTEM } from "../model/system-actor.ts";
import type { Move } from "../model/transitions.ts";
import type { OutputRecord, RunRecord } from "../store/records.ts";
import type { Patch, Step } from "../store/run-item.ts";

/** Sluice's own change of a run at `now`. */
export const systemStep = (move: Move, now: number, reason?: string): Step =>
  actorStep(move, SYSTEM, now, { reason });

export const actorStep = (
  move: Move,
  actor: Actor,
  now: number,
  more: {
    readonly reason?: string | undefined;
    readonly op?: string;
    readonly override?: true | false;
    readonly vouched?: readonly string[];
  },
): Step => ({
  move,
  entry: {
    at: iso(now),
    actor,
    ...(more.reason === undefined ? {} : { reason: more.reason }),
    ...(more.op === undefined ? {} : { op: more.op }),
    ...(more.override === true ? { override: true, vouched: more.vouched ?? [] } : {}),
  },
});

/** Attributes of a run that is over: nothing is due, held or waited for any more. That it never left the queue stays known. */
export const ending = (
  now: number,
): { set: NonNullable<Patch["set"]>; remove: NonNullable<Patch["remove"]> } => ({
  set: { updatedAt: iso(now), endedAt: iso(now) },
  remove: ["pausedBy", "parkedAt", "waitingOn", "deadline", "checkAt", "lost"],
});

/** The deadline moves by the time paused, by whomever. */
export const movedDeadline = (record: RunRecord, now: number): Pick<RunRecord, "deadline"> => {
  if (record.deadline === undefined || record.pausedBy === undefined) return {};
  const paused = Math.max(now - Date.parse(record.pausedBy.at), 0);
  return { deadline: iso(Date.parse(record.deadline) + paused) };
};

/** Marks a run that goes on after it stood still: a workspace may let it keep the access that its user had at the start. */
export const stoodStill = ({ runAs }: Pick<RunRecord, "runAs">): Pick<RunRecord, "resumed"> =>
  runAs === "user" ? { resumed: true } : {};

/** Longest cause in the run item, in characters; the whole of it stands beside the run. */
export const SHORT_CAUSE = 300;

export interface Failure {
  readonly error: string;
  readonly cause: string;
  /** "" where no state is to blame. */
  readonly state: string;
  readonly stepId?: string;
}

/** The whole cause of a run's error, from what stands beside it: that may be of another end, which came second. */
export const wholeCause = (
  error: NonNullable<RunRecord["error"]>,
  beside: OutputRecord | undefined,
): string =>
  error.cause.length === SHORT_CAUSE && beside?.cause?.startsWith(error.cause) ? beside.cause : error.cause;

/** The run's error as its item holds it. */
export const shortError = (failure: Failure): Failure => ({
  ...failure,
  error: failure.error.slice(0, MAX_ERROR_NAME),
  cause: failure.cause.slice(0, SHORT_CAUSE),
});
