import { describe, expect, it } from "vitest";
import { nextFire, scheduleWords } from "./schedule.ts";

describe("a schedule in words", () => {
  it.each([
    ["cron(0 2 * * ? *)", "At 02:00, every day"],
    ["cron(30 17 ? * MON-FRI *)", "At 17:30, Monday through Friday"],
    ["cron(0 9 ? * 2 *)", "At 09:00, only on Monday"],
    ["cron(0 9 1 * ? *)", "At 09:00, on day 1 of the month"],
    ["rate(5 minutes)", "Every 5 minutes"],
    ["rate(1 hour)", "Every hour"],
    ["at(2030-01-31T09:00:00)", "Once, on 31 January 2030 at 09:00"],
    ["cron(0 25 * * ? *)", undefined],
    ["every day", undefined],
    ["", undefined],
  ])("%s: %s", (text, words) => {
    expect(scheduleWords(text)).toBe(words);
  });
});

describe("the next time of a schedule", () => {
  const since = Date.UTC(2026, 2, 28, 12);
  const next = (schedule: string, timezone: string, now: number) => {
    const time = nextFire({ schedule, timezone, since }, now);
    return time === undefined ? undefined : new Date(time).toISOString();
  };

  it("is in the trigger's time zone, and follows its clock changes", () => {
    // The clocks go forward in Berlin on 29 March 2026.
    expect(next("cron(0 9 * * ? *)", "Europe/Berlin", since)).toBe("2026-03-29T07:00:00.000Z");
    expect(next("cron(0 9 * * ? *)", "Europe/Berlin", since - 86_400_000)).toBe("2026-03-28T08:00:00.000Z");
  });

  it("counts a rate from when the trigger was put", () => {
    expect(next("rate(1 hour)", "UTC", since + 90 * 60_000)).toBe("2026-03-28T14:00:00.000Z");
  });

  it("is missing after the one time of a schedule, and for what is no schedule", () => {
    expect(next("at(2026-03-28T13:00:00)", "UTC", since)).toBe("2026-03-28T13:00:00.000Z");
    expect(next("at(2026-03-28T13:00:00)", "UTC", since + 3_600_000)).toBeUndefined();
    expect(next("cron(0 25 * * ? *)", "UTC", since)).toBeUndefined();
  });
});
