import { iso } from "./clock.ts";

/** UTC calendar windows in which caps are counted. */
export type WindowUnit = "minute" | "hour" | "day" | "month";

/** Length of the prefix of an ISO 8601 time that identifies its window. */
const NAMED_BY: Readonly<Record<WindowUnit, number>> = { minute: 16, hour: 13, day: 10, month: 7 };
const EPOCH = "1970-01-01T00:00:00.000Z";

/** Returns the start of the window that contains `now` (epoch milliseconds), in ISO 8601. */
export const windowStart = (unit: WindowUnit, now: number): string => {
  const named = iso(now).slice(0, NAMED_BY[unit]);
  return named + EPOCH.slice(named.length);
};

/** Returns the end of that window, which is the start of the next, in ISO 8601. */
export const windowEnd = (unit: WindowUnit, now: number): string => {
  const end = new Date(windowStart(unit, now));
  if (unit === "month") end.setUTCMonth(end.getUTCMonth() + 1);
  else end.setTime(end.getTime() + LENGTH_MS[unit]);
  return end.toISOString();
};

const LENGTH_MS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
