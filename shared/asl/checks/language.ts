import type { Machine } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { checkExpressions } from "./expressions.ts";
import { checkFields } from "./fields.ts";
import { checkRetriesAndCatches } from "./retries-and-catches.ts";
import { checkStructure } from "./structure.ts";
import { checkValues } from "./values.ts";
import { checkVariables } from "./variables.ts";

/** Reports what Step Functions rejects in a definition. */
export function checkLanguage(machine: Machine, report: Report): void {
  checkStructure(machine, report);
  checkStates(machine, report);
}

/** The same without the transitions between states. */
export function checkStates(machine: Machine, report: Report): void {
  checkExpressions(machine, report);
  checkFields(machine, report);
  checkValues(machine, report);
  checkRetriesAndCatches(machine, report);
  checkVariables(machine, report);
}
