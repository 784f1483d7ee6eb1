/** The current time in epoch milliseconds. The local stack's clock can be moved. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Formats a time for storage and display: ISO 8601, UTC, with milliseconds. */
export const iso = (time: number): string => new Date(time).toISOString();
