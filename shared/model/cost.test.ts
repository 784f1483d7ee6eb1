import { expect, test } from "vitest";
import { countableCost } from "./cost.ts";

test.each([
  [0, 0],
  [0.25, 0.25],
  [0.000000001, 0.000000001],
  [1_000_000_000, 1_000_000_000],
  [-1, 0],
  [1e16, 1_000_000_000],
  [1e300, 1_000_000_000],
  [5e-324, 0],
  [1e-200, 0],
  [0.1234567890123, 0.123456789],
])("a cost of %d counts as %d", (cost, counted) => {
  expect(countableCost(cost)).toBe(counted);
});
