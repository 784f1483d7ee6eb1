import { expect, test } from "vitest";
import { relativeText } from "./format.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

test.each([
  [-5_000, "just now"],
  [5_000, "just now"],
  [45_000, "in less than a minute"],
  [-MINUTE, "1 minute ago"],
  [-59.9 * MINUTE, "59 minutes ago"],
  [-23.9 * 60 * MINUTE, "23 hours ago"],
  [13.9 * DAY, "in 13 days"],
  [-29.5 * DAY, "29 days ago"],
  [-400 * DAY, "1 year ago"],
])("%i ms from now is %s", (distance, text) => expect(relativeText(distance)).toBe(text));
