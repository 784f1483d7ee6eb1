import { ASSUMED, PRICES } from "./prices.ts";
import type { WorkUsage } from "./run-usage.ts";

/** The bill of some work in dollars, by part. */
export interface Costs {
  readonly transitions: number;
  /** Requests and duration, including the users' functions. */
  readonly lambda: number;
  readonly reads: number;
  readonly writes: number;
  readonly schedules: number;
  readonly events: number;
  readonly requests: number;
  readonly logsAndTraces: number;
}

/** Memory of one of Sluice's functions as deployed, in MB. */
export type MemoryOf = (functionName: string) => number | undefined;

const GB = 1_024;
const lambda = (count: number, milliseconds: number, mb: number): number =>
  count * PRICES.lambdaRequest + (milliseconds / 1_000) * (mb / GB) * PRICES.lambdaGbSecond;

/** The bill of some work and its API requests. A function without `memoryOf` is a user's. */
export const costsOf = (usage: WorkUsage, memoryOf: MemoryOf, requests: number): Costs => {
  let functions = 0;
  let own = 0;
  for (const [name, count] of Object.entries(usage.invocations)) {
    const mb = memoryOf(name);
    if (mb === undefined) functions += lambda(count, count * ASSUMED.stepMs, ASSUMED.stepMb);
    else {
      own += count;
      functions += lambda(count, count * ASSUMED.ownMs + (usage.calls[name] ?? 0) * ASSUMED.tableCallMs, mb);
    }
  }
  // The function that called Step Functions is not metered, so the largest one is assumed. A bare caller's own costs are not
  // counted.
  const states = Object.values(usage.stepFunctions).reduce((sum, count) => sum + count, 0);
  const calling = own === 0 ? 0 : lambda(0, states * ASSUMED.statesCallMs, GB);
  return {
    transitions: usage.transitions * PRICES.transition,
    lambda: functions + calling,
    reads: usage.readUnits * PRICES.readUnit,
    writes: usage.writeUnits * PRICES.writeUnit,
    schedules: (usage.scheduler["CreateSchedule"] ?? 0) * PRICES.schedule,
    events: usage.events * PRICES.event,
    requests: requests * PRICES.apiRequest,
    logsAndTraces: own * ((ASSUMED.logBytes / 1e9) * PRICES.logGb + ASSUMED.traced * PRICES.trace),
  };
};

export const total = (costs: Costs): number => Object.values(costs).reduce((sum, part) => sum + part, 0);
