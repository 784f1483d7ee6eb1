import { expect, it } from "vitest";
import { futureInstant, localTime, pastInstant } from "./times.ts";

const NOW = Date.parse("2026-01-31T12:00:00.000Z");

it.each([
  ["2026-01-30T10:00:00Z", "2026-01-30T10:00:00.000Z"],
  ["2026-01-30T10:00:00.5+02:00", "2026-01-30T08:00:00.500Z"],
  ["P1D", "2026-01-30T12:00:00.000Z"],
  ["PT90M", "2026-01-31T10:30:00.000Z"],
])("%s ago or at is %s", (text, time) => {
  expect(pastInstant(text, NOW)).toBe(time);
});

it("a duration counts from now", () => {
  expect(futureInstant("P3D", NOW)).toBe("2026-02-03T12:00:00.000Z");
});

it("a time without a zone is the local one", () => {
  expect(pastInstant("2026-07-01T10:00", NOW)).toBe(new Date(2026, 6, 1, 10).toISOString());
  expect(pastInstant("2026-07-01", NOW)).toBe(new Date(2026, 6, 1).toISOString());
});

it.each(["", "yesterday", "P1Y", "5", "1/2/2026", "2026-13-01", "2026-01-31 12:00", "Jan 31"])(
  "%j is not a time",
  (text) => {
    expect(() => pastInstant(text, NOW)).toThrow(/is not a valid time/);
  },
);

it("is shown in the local zone, and unchanged if it is not a time", () => {
  expect(localTime(new Date(2026, 0, 5, 7, 8, 9).toISOString())).toBe("2026-01-05 07:08:09");
  expect(localTime(undefined)).toBe("");
  expect(localTime("soon")).toBe("soon");
});
