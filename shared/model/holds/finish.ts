import { iso } from "../time/clock.ts";

/** A hold that may let runs finish which began before it. */
export interface FinishingHold {
  /** ISO 8601. Absent in copies of release 0.1, whose holds let no run finish. */
  readonly since?: string;
  /** Until then, runs that began before the hold go on to their end. ISO 8601. */
  readonly finishUntil?: string;
}

/** The clock of the gate that began a run and that of the pause may differ by this much. */
const CLOCKS_MS = 60_000;

/**
 * Whether the hold lets the run go on: it began before the hold, and the time to finish is not over. A run that has not begun, or is not
 * known, is held.
 */
export const letsFinish = (
  { since, finishUntil }: FinishingHold,
  run: { readonly startedAt?: string } | undefined,
  now: number,
): boolean => {
  if (since === undefined || finishUntil === undefined || run?.startedAt === undefined) return false;
  return now < Date.parse(finishUntil) && Date.parse(run.startedAt) <= Date.parse(since) + CLOCKS_MS;
};

/** Returns the latest start of the runs that the hold lets go on now; undefined if it holds all. ISO 8601. */
export const latestStart = (hold: FinishingHold, now: number): string | undefined =>
  hold.since !== undefined && isFinishing(hold, now) ? iso(Date.parse(hold.since) + CLOCKS_MS) : undefined;

/** Whether the hold still lets some runs go on. `now`: epoch milliseconds. */
export const isFinishing = ({ finishUntil }: FinishingHold, now: number): boolean =>
  finishUntil !== undefined && now < Date.parse(finishUntil);
