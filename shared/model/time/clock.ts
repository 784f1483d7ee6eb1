/** Where handlers get the time: the machine's, or the local stack's, which can be moved. Epoch milliseconds. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** ISO 8601, UTC, milliseconds: the form that is stored and shown. */
export const iso = (time: number): string => new Date(time).toISOString();
