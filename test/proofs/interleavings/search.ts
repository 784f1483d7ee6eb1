import fc from "fast-check";
import type { Scenario } from "./schedule.ts";
import type { ScheduleRunner } from "./schedule-runner.ts";

export interface Search {
  readonly scenarios: fc.Arbitrary<Scenario>;
  readonly schedules: number;
  readonly seed: number;
  /** The fast-check path of a schedule to play again. */
  readonly path?: string | undefined;
}
/** A schedule that violates something, with all that is needed to replay it. */
export interface Found {
  readonly seed: number;
  readonly path: string;
  readonly played: number;
  readonly report: string;
}

/** Plays schedules until one violates something; undefined if none does. */
export const search = async (
  runner: ScheduleRunner,
  { scenarios, schedules, seed, path }: Search,
): Promise<Found | undefined> => {
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    const { violations, log } = await runner.play(scenario);
    if (violations.length > 0) throw new Violated(reportOf(scenario, violations, log));
  });
  const result = await fc.check(property, {
    ...{ numRuns: schedules, seed, endOnFailure: true },
    ...(path === undefined ? {} : { path }),
  });
  if (!result.failed) return undefined;
  const { counterexamplePath, numRuns, errorInstance } = result;
  const report =
    errorInstance instanceof Violated
      ? errorInstance.message
      : String(Reflect.get(Object(errorInstance), "stack"));
  return { seed, path: counterexamplePath ?? "", played: numRuns, report };
};

class Violated extends Error {
  override readonly name = "Violated";
}

const reportOf = (scenario: Scenario, violations: readonly string[], log: readonly string[]): string => {
  const { situation, operations, plan, inOrder } = scenario;
  const { fault, stall } = plan;
  const place = (what: { actor: unknown; call: number }) =>
    `call ${what.call} of ${what.actor === "background" ? "the background" : `#${String(what.actor)}`}`;
  return [
    "A schedule has violations:",
    ...violations.map((one) => `  - ${one}`),
    `The run was ${situation}. Then${inOrder ? ", in this order" : ""}: ${operations.map((name, i) => `#${i} ${name}`).join(", ")}.`,
    ...(fault === undefined ? [] : [`Fault: ${place(fault)} ${fault.kind}.`]),
    ...(stall === undefined ? [] : [`Slow: ${place(stall)}.`]),
    ...log.map((line, index) => `${String(index + 1).padStart(5)}. ${line}`),
  ].join("\n");
};
