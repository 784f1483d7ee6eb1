import fc from "fast-check";
import type { Scenario } from "./schedule.ts";
import type { Playhouse } from "./theatre.ts";

export interface Search {
  readonly scenarios: fc.Arbitrary<Scenario>;
  readonly schedules: number;
  readonly seed: number;
  /** Of a schedule that is to be played again. */
  readonly path?: string | undefined;
}
/** A schedule that broke something, and what plays it again. */
export interface Found {
  readonly seed: number;
  readonly path: string;
  readonly played: number;
  readonly report: string;
}

/** Plays schedules until one breaks something; undefined: none did. */
export const search = async (
  house: Playhouse,
  { scenarios, schedules, seed, path }: Search,
): Promise<Found | undefined> => {
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    const { broken, told } = await house.play(scenario);
    if (broken.length > 0) throw new Broken(reportOf(scenario, broken, told));
  });
  const result = await fc.check(property, {
    ...{ numRuns: schedules, seed, endOnFailure: true },
    ...(path === undefined ? {} : { path }),
  });
  if (!result.failed) return undefined;
  const { counterexamplePath, numRuns, errorInstance } = result;
  const report =
    errorInstance instanceof Broken
      ? errorInstance.message
      : String(Reflect.get(Object(errorInstance), "stack"));
  return { seed, path: counterexamplePath ?? "", played: numRuns, report };
};

class Broken extends Error {
  override readonly name = "Broken";
}

const reportOf = (scenario: Scenario, broken: readonly string[], told: readonly string[]): string => {
  const { situation, operations, plan, inOrder } = scenario;
  const { mishap, stall } = plan;
  const place = (what: { actor: unknown; call: number }) =>
    `call ${what.call} of ${what.actor === "background" ? "the background" : `#${String(what.actor)}`}`;
  return [
    "A schedule is broken:",
    ...broken.map((one) => `  - ${one}`),
    `The run was ${situation}. Then${inOrder ? ", in this order" : ""}: ${operations.map((name, i) => `#${i} ${name}`).join(", ")}.`,
    ...(mishap === undefined ? [] : [`Fault: ${place(mishap)} ${mishap.kind}.`]),
    ...(stall === undefined ? [] : [`Slow: ${place(stall)}.`]),
    ...told.map((line, index) => `${String(index + 1).padStart(5)}. ${line}`),
  ].join("\n");
};
