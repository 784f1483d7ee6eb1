/** The times at which a schedule fires, in milliseconds. */
export type Expression =
  | { readonly kind: "at"; readonly time: number }
  | { readonly kind: "rate"; readonly period: number };

const AT = /^at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)$/;
const RATE = /^rate\(([1-9]\d*) (minute|minutes|hour|hours|day|days)\)$/;
const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * EventBridge Scheduler's `at(yyyy-mm-ddThh:mm:ss)` in UTC and `rate(n unit)`; undefined for anything else, including `cron`.
 */
export function parseExpression(text: string): Expression | undefined {
  const at = AT.exec(text)?.[1];
  if (at !== undefined) {
    const time = Date.parse(`${at}Z`);
    return Number.isNaN(time) ? undefined : { kind: "at", time };
  }
  const [, count, unit] = RATE.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return { kind: "rate", period: Number(count) * (UNIT_MS[unit.replace(/s$/, "")] ?? Number.NaN) };
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
  const first =
    span.start !== undefined && span.start > span.since ? span.start : span.since + expression.period;
  const passed =
    after === undefined || after < first ? 0 : Math.floor((after - first) / expression.period) + 1;
  const next = first + passed * expression.period;
  return span.end !== undefined && next > span.end ? undefined : next;
}
