import { expect, it } from "vitest";
import { durationMilliseconds } from "./clock.ts";

it.each([
  ["P14D", 1_209_600_000],
  ["P13DT23H59M", 1_209_540_000],
  ["PT1H", 3_600_000],
  ["P2W", 1_209_600_000],
  ["P12W", 7_257_600_000],
  ["PT12S", 12_000],
  ["PT0.25S", 250],
  ["PT0S", 0],
])("%s is %d ms", (text, milliseconds) => {
  expect(durationMilliseconds(text)).toBe(milliseconds);
});

it.each(["", "P", "PT", "P1DT", "-P1D", "P1Y", "P1M", "P1.5D", "14D", "P1H", "PT1D", " P1D", "P1D\n"])(
  "%j is not a duration",
  (text) => {
    expect(durationMilliseconds(text)).toBeUndefined();
  },
);
