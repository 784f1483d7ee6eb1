import { checkExpressions } from "./expressions.ts";
import { checkFields, checkValues } from "./fields.ts";
import { checkHumanSteps } from "./human-check.ts";
import type { Machine } from "./machine.ts";
import { checkPolicy, type ResourcePolicy } from "./policy.ts";
import type { Report } from "./problems.ts";
import { checkReservedErrors } from "./reserved-errors.ts";
import { checkRetriersAndCatchers } from "./retriers.ts";
import { checkSluiceFields } from "./sluice-field.ts";
import { checkStructure } from "./structure.ts";
import { checkVariables } from "./variables.ts";

/** All that publishing refuses, asl-validator's part aside: that comes last and only over a sound machine, its messages being the poorest. */
export function validate(
  machine: Machine,
  policy: ResourcePolicy,
  report: Report,
  warn: (message: string) => void,
): void {
  checkStructure(machine, report);
  checkFields(machine, report);
  checkValues(machine, report);
  checkRetriersAndCatchers(machine, report);
  checkReservedErrors(machine, report);
  checkExpressions(machine, report);
  checkVariables(machine, report);
  checkSluiceFields(machine, report, warn);
  checkHumanSteps(machine, report);
  checkPolicy(machine, policy, report);
}
