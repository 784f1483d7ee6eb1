import { expect, it } from "vitest";
import { matchesError, retryDelay } from "./retry-and-catch.ts";

it.each([
  [{}, 0, 1000],
  [{}, 3, 8000],
  [{ IntervalSeconds: 3, BackoffRate: 1 }, 5, 3000],
  [{ IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10 }, 1, 6000],
  [{ IntervalSeconds: 2, BackoffRate: 3, MaxDelaySeconds: 10 }, 2, 10_000],
  [{ IntervalSeconds: 8, JitterStrategy: "FULL" }, 0, 2000],
])("the delay of %j after %d attempts is %d ms", (retrier, attempts, delay) => {
  expect(retryDelay(retrier, attempts, () => 0.25)).toBe(delay);
});

it.each([
  [["States.ALL"], { error: "Anything" }, true],
  [["States.ALL"], {}, true],
  [["States.ALL"], { error: "States.Timeout" }, true],
  [["States.ALL"], { error: "States.DataLimitExceeded" }, true],
  [["States.ALL", "States.Runtime"], { error: "States.Runtime" }, false],
  [["States.TaskFailed"], { error: "Boom" }, true],
  [["States.TaskFailed"], { error: "States.Timeout" }, false],
  [["States.HeartbeatTimeout"], { error: "States.Timeout", heartbeat: true }, true],
  [["States.HeartbeatTimeout"], { error: "States.Timeout" }, false],
  [["States.Timeout"], { error: "States.Timeout", heartbeat: true }, true],
  [["A", "B"], { error: "B" }, true],
  [["A"], { error: "AB" }, false],
])("%j and %j: %s", (names, failure, taken) => {
  expect(matchesError({ ErrorEquals: names }, failure)).toBe(taken);
});
