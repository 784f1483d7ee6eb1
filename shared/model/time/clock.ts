/** The current time in epoch milliseconds. The local stack's clock can be moved. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Formats a time for storage and display: ISO 8601, UTC, with milliseconds. */
export const iso = (time: number): string => new Date(time).toISOString();

/** Years and months are rejected, since they have no fixed length. Only seconds may have a fraction. */
const DURATION = /^P(?!$)(?:(\d+)W)?(?:(\d+)D)?(?:T(?!$)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;

/** Returns the milliseconds of an ISO 8601 duration such as `P14D` or `PT1H30M`, or undefined for any other string. */
export function durationMilliseconds(text: string): number | undefined {
  const match = DURATION.exec(text);
  if (match === null) return undefined;
  return UNITS_MS.reduce((sum, unit, index) => sum + Math.round(Number(match[index + 1] ?? 0) * unit), 0);
}
