import { describe, expect, it } from "vitest";
import { windowEnd, windowStart } from "./windows.ts";

const at = (text: string): number => Date.parse(text);

describe("calendar windows, in UTC", () => {
  it.each([
    ["minute", "2026-02-28T23:59:59.999Z", "2026-02-28T23:59:00.000Z", "2026-03-01T00:00:00.000Z"],
    ["hour", "2026-02-28T23:59:59.999Z", "2026-02-28T23:00:00.000Z", "2026-03-01T00:00:00.000Z"],
    ["day", "2026-02-28T23:59:59.999Z", "2026-02-28T00:00:00.000Z", "2026-03-01T00:00:00.000Z"],
    ["day", "2026-02-28T00:00:00.000Z", "2026-02-28T00:00:00.000Z", "2026-03-01T00:00:00.000Z"],
    ["month", "2026-01-31T12:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"],
    ["month", "2028-02-29T12:00:00.000Z", "2028-02-01T00:00:00.000Z", "2028-03-01T00:00:00.000Z"],
    ["month", "2026-12-31T23:59:59.999Z", "2026-12-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z"],
  ] as const)("the %s of %s", (unit, now, start, end) => {
    expect([windowStart(unit, at(now)), windowEnd(unit, at(now))]).toEqual([start, end]);
  });
});
