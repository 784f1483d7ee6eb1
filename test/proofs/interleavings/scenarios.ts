import fc from "fast-check";
import { MISHAPS } from "./mishaps.ts";
import { OPERATION_NAMES, type OperationName } from "./operations.ts";
import type { Scenario } from "./schedule.ts";
import { SITUATIONS, type SituationName } from "./situations.ts";
import type { Plan } from "./stage.ts";

/** Every operation with every other and with itself, each pair once. */
export const PAIRS: readonly (readonly OperationName[])[] = OPERATION_NAMES.flatMap((one, index) =>
  OPERATION_NAMES.slice(index).map((other) => [one, other]),
);

/** Three or four operations at the same time. */
export const groups: fc.Arbitrary<readonly OperationName[]> = fc.array(fc.constantFrom(...OPERATION_NAMES), {
  minLength: 3,
  maxLength: 4,
});

const situations = fc.constantFrom(...(Object.keys(SITUATIONS) as SituationName[]));

/** Which call of an actor: most of what can go wrong lies after its first read and before its last answer. */
const calls = fc.constantFrom(1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 7, 8, 9, 10, 12);

/** More than the operations of one schedule and their steps. */
const LULLS = 6;

/** What befalls one of so many operations, or what goes on behind them. */
const plans = (operations: number): fc.Arbitrary<Plan> => {
  const actor = fc.oneof(
    { weight: 5, arbitrary: fc.nat({ max: operations - 1 }) },
    { weight: 1, arbitrary: fc.constant("background" as const) },
  );
  const place = { actor, call: calls };
  return fc.record({
    mishap: fc.option(fc.record({ kind: fc.constantFrom(...MISHAPS), ...place }), {
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

/** `befalls`: what goes wrong in all of them. */
export const scenarios = (
  operations: fc.Arbitrary<readonly OperationName[]>,
  situation: fc.Arbitrary<SituationName> = situations,
  befalls: Pick<Plan, "mishap" | "stall"> = {},
): fc.Arbitrary<Scenario> =>
  // Drawn evenly: the extremes that fast-check favours mean nothing here.
  fc.noBias(
    operations.chain((names) =>
      fc.record({
        situation,
        operations: fc.constant(names),
        scheduler: fc.scheduler(),
        plan: plans(names.length).map((plan) => ({ ...plan, ...befalls })),
        inOrder: fc.boolean(),
      }),
    ),
  );
