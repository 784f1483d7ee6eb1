import { expect, test } from "vitest";
import { iso, systemClock } from "./clock.ts";
import { TimeBudgetExceeded, withinTime } from "./time-budget.ts";

test("work within its budget gives its result, or its own error", () => {
  expect(withinTime(5_000, () => 42)).toBe(42);
  const own = new RangeError("out of range");
  expect(() =>
    withinTime(5_000, () => {
      throw own;
    }),
  ).toThrow(own);
  for (const odd of ["a text", null, undefined, 7]) {
    const caught: unknown[] = [];
    try {
      withinTime(5_000, () => {
        throw odd;
      });
    } catch (error) {
      caught.push(error);
    }
    expect(caught).toEqual([odd]);
  }
});

test("a regular expression that backtracks is interrupted", () => {
  const backtrack = () => /^(a+)+$/.test(`${"a".repeat(40)}b`);
  expect(() => withinTime(20, backtrack)).toThrow(TimeBudgetExceeded);
  expect(() => withinTime(20, backtrack)).toThrow(
    expect.objectContaining({ name: "TimeBudgetExceeded", message: "It took longer than 20 ms" }),
  );
});

test("times are stored in UTC with milliseconds", () => {
  expect(iso(1_700_000_000_000)).toBe("2023-11-14T22:13:20.000Z");
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(60_000);
});
