import { checkExpressions } from "./expressions.ts";
import { checkFields } from "./fields.ts";
import { checkHumanSteps } from "./human-check.ts";
import type { Machine } from "./machine.ts";
import { checkPolicy, type ResourcePolicy } from "./policy.ts";
import type { Problem, Report } from "./problems.ts";
import { checkReservedErrors } from "./reserved-errors.ts";
import { checkRetriersAndCatchers } from "./retriers.ts";
import { checkSchema } from "./schema.ts";
import { checkSluiceFields } from "./sluice-field.ts";
import { checkStructure } from "./structure.ts";
import { checkVariables } from "./variables.ts";

/** All that publishing refuses. asl-validator comes last and only over a sound machine, since its messages are the poorest. */
export function validate(
  machine: Machine,
  policy: ResourcePolicy,
  problems: readonly Problem[],
  report: Report,
  warn: (message: string) => void,
): void {
  checkStructure(machine, report);
  checkFields(machine, report);
  checkRetriersAndCatchers(machine, report);
  checkReservedErrors(machine, report);
  checkExpressions(machine, report);
  checkVariables(machine, report);
  checkSluiceFields(machine, report, warn);
  checkHumanSteps(machine, report);
  checkPolicy(machine, policy, report);
  if (problems.length === 0) checkSchema(machine, report);
}
