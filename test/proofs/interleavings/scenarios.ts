import fc from "fast-check";
import { FAULTS } from "../harness/fault-injector.ts";
import { OPERATION_NAMES, type OperationName, TEAM_OPERATIONS } from "./operations.ts";
import type { Plan } from "./plan.ts";
import type { Scenario } from "./schedule.ts";
import { SITUATIONS, type SituationName } from "./situations.ts";

/** Every operation with every other and with itself, each pair once. */
export const PAIRS: readonly (readonly OperationName[])[] = OPERATION_NAMES.flatMap((one, index) =>
  OPERATION_NAMES.slice(index).map((other) => [one, other]),
);

/** Three or four concurrent operations. */
export const groupsOf = (names: readonly OperationName[]): fc.Arbitrary<readonly OperationName[]> =>
  fc.array(fc.constantFrom(...names), { minLength: 3, maxLength: 4 });

const allSituations = Object.keys(SITUATIONS) as SituationName[];
const anywhere = fc.constantFrom(...allSituations);
const withTeam = fc.constantFrom(...allSituations.filter((name) => "team" in SITUATIONS[name]));
const situationFor = (names: readonly OperationName[]): fc.Arbitrary<SituationName> =>
  names.some((name) => TEAM_OPERATIONS.has(name))
    ? fc.oneof({ weight: 3, arbitrary: withTeam }, { weight: 1, arbitrary: anywhere })
    : anywhere;

/** The call of an actor that a fault strikes. Most races are between its first read and its last answer. */
const calls = fc.constantFrom(1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7, 8, 9, 10, 12);

/** Exceeds the number of operations of a schedule and their steps. */
const LULLS = 6;

/** Faults and delays of one of this many operations, or of the background. */
const plans = (operations: number): fc.Arbitrary<Plan> => {
  const actor = fc.oneof(
    { weight: 5, arbitrary: fc.nat({ max: operations - 1 }) },
    { weight: 1, arbitrary: fc.constant("background" as const) },
  );
  const place = { actor, call: calls };
  return fc.record({
    fault: fc.option(fc.record({ kind: fc.constantFrom(...FAULTS), ...place }), {
      nil: undefined,
      freq: 2,
    }),
    stall: fc.option(fc.record(place), { nil: undefined, freq: 2 }),
    longSteps: fc.option(fc.array(fc.boolean(), { minLength: LULLS, maxLength: LULLS }), {
      nil: undefined,
      freq: 2,
    }),
  });
};

/**
 * @param situation drawn by the operations if it is not given
 * @param planned the fault and the stall of all scenarios, if not drawn
 */
export const scenarios = (
  operations: fc.Arbitrary<readonly OperationName[]>,
  situation?: fc.Arbitrary<SituationName>,
  planned: Pick<Plan, "fault" | "stall"> = {},
): fc.Arbitrary<Scenario> =>
  // Drawn without fast-check's bias towards extremes, which mean nothing here.
  fc.noBias(
    operations.chain((names) =>
      fc.record({
        situation: situation ?? situationFor(names),
        operations: fc.constant(names),
        scheduler: fc.scheduler(),
        plan: plans(names.length).map((plan) => ({ ...plan, ...planned })),
        inOrder: fc.boolean(),
      }),
    ),
  );
