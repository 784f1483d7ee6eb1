import { Cron, type CronOptions } from "croner";

/** The times at which a schedule fires, in milliseconds. */
export type Expression =
  | { readonly kind: "at"; readonly time: number }
  | { readonly kind: "cron"; readonly next: (after: number) => number | undefined }
  | { readonly kind: "rate"; readonly period: number };

const AT = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/;
const RATE = /^rate\(([1-9]\d*) (minute|minutes|hour|hours|day|days)\)$/;
const CRON = /^cron\((\S+ \S+ \S+ \S+ \S+ \S+)\)$/;
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * EventBridge Scheduler's `at(yyyy-mm-ddThh:mm:ss)`, `rate(n unit)` and `cron(minutes hours day-of-month month day-of-week year)`;
 * undefined for anything else. `timezone`: of `at` and `cron`.
 */
export function parseExpression(text: string, timezone = "UTC"): Expression | undefined {
  const at = AT.exec(text)?.[1];
  if (at !== undefined) {
    const time = timezone === "UTC" ? Date.parse(`${at}Z`) : read(at, { timezone })?.getOnce()?.getTime();
    return time === undefined || Number.isNaN(time) ? undefined : { kind: "at", time };
  }
  const cron = CRON.exec(text)?.[1];
  if (cron !== undefined) return parseCron(cron, timezone);
  const [, count, unit] = RATE.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return { kind: "rate", period: Number(count) * (UNIT_MS[unit.replace(/s$/, "")] ?? Number.NaN) };
}

/**
 * Reads the fields of `cron`. Days of the week count from 1, Sunday, and exactly one of the two fields of days is `?`. At a change to
 * daylight saving time, a fixed time that does not exist is skipped, and one that exists twice comes once, as the service documents.
 */
function parseCron(fields: string, timezone: string): Expression | undefined {
  const [, , dayOfMonth, , dayOfWeek] = fields.split(" ");
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) return undefined;
  const days = dayOfWeek?.match(/(?<![#\d])\d+/g) ?? [];
  if (days.some((day) => Number(day) < 1 || Number(day) > 7)) return undefined;
  let cron: Cron;
  try {
    cron = new Cron(`0 ${fields}`, {
      timezone,
      mode: "7-part",
      sloppyRanges: true,
      alternativeWeekdays: true,
    });
  } catch {
    return undefined;
  }
  const next = (after: number): number | undefined => {
    // The library moves a time that does not exist to the end of the gap.
    for (let time = cron.nextRun(new Date(after)); time !== null; time = cron.nextRun(time))
      if (cron.match(time)) return time.getTime();
    return undefined;
  };
  return { kind: "cron", next };
}

/** Reads a time or a pattern; undefined if it, or the time zone, is unknown. */
function read(pattern: string, options: CronOptions): Cron | undefined {
  try {
    return new Cron(pattern, options);
  } catch {
    return undefined;
  }
}

interface Span {
  /** The time at which the schedule was created or last changed. */
  readonly since: number;
  readonly start: number | undefined;
  readonly end: number | undefined;
}

/** The first time after `after`; undefined if there is none. A one-time schedule that has never fired is due even if it is late. */
export function nextTime(expression: Expression, span: Span, after: number | undefined): number | undefined {
  if (expression.kind === "at") return after === undefined ? expression.time : undefined;
  if (expression.kind === "cron") {
    // A time at the very start counts.
    const next = expression.next(Math.max(after ?? span.since, (span.start ?? 0) - 1));
    return next === undefined || (span.end !== undefined && next > span.end) ? undefined : next;
  }
  const first =
    span.start !== undefined && span.start > span.since ? span.start : span.since + expression.period;
  const passed =
    after === undefined || after < first ? 0 : Math.floor((after - first) / expression.period) + 1;
  const next = first + passed * expression.period;
  return span.end !== undefined && next > span.end ? undefined : next;
}
