import cronstrue from "cronstrue";
import { nextTime, parseExpression } from "../../../../../shared/model/time/schedule-expression.ts";

const WALL_CLOCK = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "long",
  timeStyle: "short",
  timeZone: "UTC",
});

/** Puts a schedule into words: `At 02:00, every day`, `Every 5 minutes`. Undefined for what is no schedule. */
export const scheduleWords = (text: string): string | undefined => {
  const expression = parseExpression(text);
  switch (expression?.kind) {
    case undefined:
      return undefined;
    case "rate":
      return `Every ${text.slice("rate(".length, -1).replace(/^1 /, "")}`;
    case "at":
      return `Once, on ${WALL_CLOCK.format(expression.time)}`;
    case "cron":
      return cronWords(text.slice("cron(".length, -1));
  }
};

const cronWords = (fields: string): string | undefined => {
  try {
    return cronstrue.toString(fields, {
      dayOfWeekStartIndexZero: false,
      use24HourTimeFormat: true,
      verbose: true,
    });
  } catch {
    return undefined;
  }
};

/**
 * The next time of a schedule after `now`, in epoch milliseconds; undefined for none. A rate counts from `since`, when its trigger was
 * last put.
 */
export const nextFire = (
  { schedule, timezone, since }: { schedule: string; timezone: string; since: number },
  now: number,
): number | undefined => {
  const expression = parseExpression(schedule, timezone);
  if (expression === undefined) return undefined;
  if (expression.kind === "at") return expression.time > now ? expression.time : undefined;
  return nextTime(expression, { since, start: undefined, end: undefined }, now);
};
