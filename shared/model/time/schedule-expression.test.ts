import { expect, it } from "vitest";
import { nextTime, parseExpression } from "./schedule-expression.ts";

const MINUTE = 60_000;

it("reads at() and rate()", () => {
  expect(parseExpression("at(2026-01-02T03:04:05)")).toEqual({
    kind: "at",
    time: Date.UTC(2026, 0, 2, 3, 4, 5),
  });
  expect(parseExpression("rate(1 minute)")).toEqual({ kind: "rate", period: 60_000 });
  expect(parseExpression("rate(12 hours)")).toEqual({ kind: "rate", period: 43_200_000 });
  expect(parseExpression("rate(2 days)")).toEqual({ kind: "rate", period: 172_800_000 });
});

it.each([
  "",
  "at(2026-01-02)",
  "at(2026-13-02T03:04:05)",
  "at(2026-01-02T03:04:05Z)",
  "rate(0 minutes)",
  "rate(1 week)",
  "cron(0 12 * * *)",
  "cron(0 12 * * * *)",
  "cron(0 12 ? * ? *)",
  "cron(60 12 * * ? *)",
  "cron(0 12 * * ? * *)",
  "cron(0 12 ? * 8 *)",
])("does not read %j", (text) => {
  expect(parseExpression(text)).toBeUndefined();
});

it("counts a rate from the schedule's creation, and skips times that have passed", () => {
  const rate = { kind: "rate", period: 5 * MINUTE } as const;
  const span = { since: 1_000, start: undefined, end: undefined };
  expect(nextTime(rate, span, undefined)).toBe(301_000);
  expect(nextTime(rate, span, 301_000)).toBe(601_000);
  expect(nextTime(rate, span, 1_000_000)).toBe(1_201_000);
});

it("keeps a rate between its start and its end", () => {
  const rate = { kind: "rate", period: 5 * MINUTE } as const;
  const span = { since: 0, start: 10 * MINUTE, end: 20 * MINUTE };
  expect(nextTime(rate, span, undefined)).toBe(600_000);
  expect(nextTime(rate, span, 15 * MINUTE)).toBe(1_200_000);
  expect(nextTime(rate, span, 20 * MINUTE)).toBeUndefined();
});

it("fires a one-time schedule once", () => {
  const at = { kind: "at", time: 5_000 } as const;
  const span = { since: 9_000, start: undefined, end: undefined };
  expect(nextTime(at, span, undefined)).toBe(5_000);
  expect(nextTime(at, span, 9_500)).toBeUndefined();
});

/** The first times of a schedule after another. */
const times = (text: string, timezone: string, since: string, count: number): string[] => {
  const expression = parseExpression(text, timezone);
  if (expression === undefined) throw new Error(`${text} is not read`);
  const span = { since: Date.parse(since), start: undefined, end: undefined };
  const found: string[] = [];
  for (let after: number | undefined; found.length < count; ) {
    after = nextTime(expression, span, after);
    if (after === undefined) break;
    found.push(`${new Date(after).toISOString().slice(0, 16)}Z`);
  }
  return found;
};

it.each([
  ["cron(15 10 ? * MON-FRI *)", ["2026-01-02T10:15Z", "2026-01-05T10:15Z"]],
  ["cron(0 9 ? * 2 *)", ["2026-01-05T09:00Z", "2026-01-12T09:00Z"]],
  ["cron(0/20 8 1,15 * ? *)", ["2026-01-15T08:00Z", "2026-01-15T08:20Z"]],
  ["cron(0 0 L * ? *)", ["2026-01-31T00:00Z", "2026-02-28T00:00Z"]],
  ["cron(0 12 ? * 6#3 *)", ["2026-01-16T12:00Z", "2026-02-20T12:00Z"]],
  ["cron(30 6 1 1 ? 2027-2028)", ["2027-01-01T06:30Z", "2028-01-01T06:30Z"]],
])("%s comes at its times", (text, expected) => {
  expect(times(text, "UTC", "2026-01-01T12:00:00Z", 2)).toEqual(expected);
});

// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
it("a time that the change to daylight saving time leaves out is skipped, and one that comes twice counts once", () => {
  expect(times("cron(30 2 * * ? *)", "America/New_York", "2026-03-06T12:00:00Z", 3)).toEqual([
    ...["2026-03-07T07:30Z", "2026-03-09T06:30Z", "2026-03-10T06:30Z"],
  ]);
  expect(times("cron(30 1 * * ? *)", "America/New_York", "2026-10-31T12:00:00Z", 2)).toEqual([
    ...["2026-11-01T05:30Z", "2026-11-02T06:30Z"],
  ]);
  expect(times("cron(0 9 * * ? *)", "Europe/Berlin", "2026-03-27T12:00:00Z", 3)).toEqual([
    ...["2026-03-28T08:00Z", "2026-03-29T07:00Z", "2026-03-30T07:00Z"],
  ]);
});

it("at() is in its time zone", () => {
  expect(times("at(2026-07-01T09:00:00)", "Europe/Berlin", "2026-01-01T00:00:00Z", 2)).toEqual([
    "2026-07-01T07:00Z",
  ]);
});
