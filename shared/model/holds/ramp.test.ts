import { describe, expect, test } from "vitest";
import { type Ramp, rampEnd, rampLength, rampRate, stopsRamp } from "./ramp.ts";

const SINCE = Date.parse("2026-03-01T12:00:00.000Z");
const RAMP: Ramp = {
  ...{ era: 4, since: "2026-03-01T12:00:00.000Z", from: 1, to: 50, factor: 2, every: "PT1M" },
};

describe("a ramp", () => {
  test.each([
    [-5_000, 1],
    [0, 1],
    [59_999, 1],
    [60_000, 2],
    [120_000, 4],
    [299_999, 16],
    [300_000, 32],
    [360_000, 50],
    [86_400_000, 50],
  ])("after %d ms lets %d a second through", (after, rate) => {
    expect(rampRate(RAMP, SINCE + after)).toBe(rate);
  });

  test.each([
    [{ from: 3, to: 10, factor: 1.5, every: "PT10S" }, [3, 4, 6, 10], 30_000],
    [{ from: 1, to: 2, factor: 1.1, every: "PT1S" }, [1, 1, 1, 1, 1, 1, 1, 1, 2], 8_000],
    [{ from: 50, to: 50, factor: 2, every: "PT1M" }, [50], 0],
    [{ from: 1, to: 1_000, factor: 100, every: "P1D" }, [1, 100, 1_000], 2 * 86_400_000],
  ] as const)("of %j has the rates %j", (shape, rates, length) => {
    const ramp = { ...RAMP, ...shape };
    const every = length / Math.max(rates.length - 1, 1);
    expect(rates.map((_, nth) => rampRate(ramp, SINCE + nth * every))).toEqual(rates);
    expect(rampLength(shape)).toBe(length);
    expect(rampEnd(ramp)).toBe(SINCE + length);
  });

  test.each([
    [undefined, 1_000, 0, false],
    [{ failures: 3 }, 2, 0, false],
    [{ failures: 3 }, 3, 1_000, true],
    [{ failures: 3, percent: 50 }, 3, 4, false],
    [{ failures: 3, percent: 50 }, 4, 4, true],
    [{ failures: 3, percent: 50 }, 2, 0, false],
  ])(
    "with the limit %j and %d failures beside %d completions stops: %s",
    (stopOn, failed, completed, stops) => {
      const ramp = stopOn === undefined ? {} : { stopOn };
      expect(stopsRamp(ramp, { failed, completed })).toBe(stops);
    },
  );
});
