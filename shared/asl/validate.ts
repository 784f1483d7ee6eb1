import { checkFields, checkValues } from "./checks/fields.ts";
import { checkHumanSteps } from "./checks/human-check.ts";
import { checkReservedErrors } from "./checks/reserved-errors.ts";
import { checkRetriersAndCatchers } from "./checks/retriers.ts";
import { checkVariables } from "./checks/variables.ts";
import { checkExpressions } from "./parse/expressions.ts";
import type { Machine } from "./parse/machine.ts";
import type { Report } from "./parse/problems.ts";
import { checkSluiceFields } from "./parse/sluice-field.ts";
import { checkStructure } from "./parse/structure.ts";
import { checkPolicy, type ResourcePolicy } from "./policy/policy.ts";

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
