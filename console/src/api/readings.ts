import type { FlowHealth } from "../../../shared/model/schemas/flow.ts";

/** A flow's health at one moment. The service keeps no history, so the page collects what it reads. */
export interface Reading {
  /** The server's time, epoch milliseconds. */
  readonly at: number;
  /** Milliseconds for which the oldest paused run and the oldest queued record have waited; 0 if there is none. */
  readonly paused: number;
  readonly queued: number;
  /** Records a minute. */
  readonly growth: number;
  readonly failedInMinute: number;
  readonly failedInHour: number;
  readonly overdue: number;
}

export const KEPT_MS = 2 * 3_600_000;
/** A longer time between two readings is one in which nothing was read, for example because the tab was hidden. */
const MAX_BETWEEN_MS = 100_000;

export const readingOf = (health: FlowHealth, at: number): Reading => ({
  at,
  paused: ageOf(health.oldestParkedAt, at),
  queued: ageOf(health.oldestQueuedAt, at),
  growth: health.queueGrowthPerMinute,
  failedInMinute: health.failureRate.minute,
  failedInHour: health.failureRate.hour,
  overdue: health.overdue,
});

const ageOf = (since: string | null, now: number): number =>
  since === null ? 0 : Math.max(now - Date.parse(since), 0);

/** Adds a reading to the earlier ones, and drops those that are too old, or in the future of a clock that was moved back. */
export const withReading = (before: readonly Reading[], reading: Reading): readonly Reading[] => [
  ...before.filter(({ at }) => at > reading.at - KEPT_MS && at < reading.at),
  reading,
];

/** The readings, with undefined wherever nothing was read for a while. */
export const withGaps = (readings: readonly Reading[]): readonly (Reading | undefined)[] =>
  readings.flatMap((reading, index) => {
    const before = readings[index - 1];
    return before !== undefined && reading.at - before.at > MAX_BETWEEN_MS ? [undefined, reading] : [reading];
  });
