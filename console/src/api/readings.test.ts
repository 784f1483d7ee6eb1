import { describe, expect, it } from "vitest";
import { type Reading, readingOf, withGaps, withReading } from "./readings.ts";

const NOON = Date.parse("2026-11-29T12:00:00.000Z");
const MINUTE = 60_000;
const at = (minutes: number): Reading => ({
  ...{ at: NOON + minutes * MINUTE, paused: 0, queued: 0, growth: 0 },
  ...{ failedInMinute: 0, failedInHour: 0, overdue: 0 },
});
const minutesOf = (readings: readonly (Reading | undefined)[]) =>
  readings.map((reading) => reading && (reading.at - NOON) / MINUTE);

describe("the readings of a flow's health", () => {
  it("hold how long the oldest run and record have waited, and 0 without one", () => {
    const health = {
      ...{ oldestParkedAt: "2026-11-29T11:58:30.000Z", oldestQueuedAt: null, queueGrowthPerMinute: 4.5 },
      ...{ drain: null, failureRate: { minute: 1, hour: 20 }, overdue: 2 },
    };
    expect(readingOf(health, NOON)).toEqual({
      ...{
        at: NOON,
        paused: 90_000,
        queued: 0,
        growth: 4.5,
        failedInMinute: 1,
        failedInHour: 20,
        overdue: 2,
      },
    });
  });

  it("are kept for two hours", () => {
    const kept = [0, 60, 119, 120, 121].map(at).reduce(withReading, []);
    expect(minutesOf(kept)).toEqual([60, 119, 120, 121]);
  });

  it("drop what is in the future, so that times only increase after a clock is moved back", () => {
    const kept = [0, 10, 20, 5].map(at).reduce(withReading, []);
    expect(minutesOf(kept)).toEqual([0, 5]);
  });

  it("have a gap wherever nothing was read", () => {
    expect(minutesOf(withGaps([0, 0.5, 1, 4, 4.5].map(at)))).toEqual([0, 0.5, 1, undefined, 4, 4.5]);
  });
});
