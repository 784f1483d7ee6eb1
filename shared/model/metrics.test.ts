import { expect, test } from "vitest";
import { METRIC_KEYS, metricMeaning, metricName, metricUnit } from "./metrics.ts";

test.each([
  ["runsFailed", "RunsFailed", "Count", "Runs that failed"],
  ["resumeLateness", "ResumeLateness", "Seconds", "How long after its end a hold was lifted automatically"],
  ["intentTries", "IntentTries", "Count", "How often the sweeper has tried the same intent"],
] as const)("%s", (key, name, unit, meaning) => {
  expect([metricName(key), metricUnit(key), metricMeaning(key)]).toEqual([name, unit, meaning]);
  expect(METRIC_KEYS).toContain(key);
});
