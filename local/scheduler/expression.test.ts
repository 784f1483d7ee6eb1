import { expect, it } from "vitest";
import { nextTime, parseExpression } from "./expression.ts";

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
  "cron(0 12 * * ? *)",
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
