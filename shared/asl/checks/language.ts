import { type Machine, scopesOf } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { checkExpressions } from "./expressions.ts";
import { checkFields } from "./fields.ts";
import { checkRetriesAndCatches } from "./retries-and-catches.ts";
import { checkReachability, checkStructure } from "./structure.ts";
import { checkValues } from "./values.ts";
import { checkVariables } from "./variables.ts";

/** Reports what Step Functions rejects in a definition. */
export function checkLanguage(machine: Machine, report: Report): void {
  let faults = 0;
  const counted: Report = (path, message) => {
    faults++;
    report(path, message);
  };
  checkStructure(machine, counted);
  checkStates(machine, counted);
  // An error elsewhere can make a state look unreachable.
  if (faults === 0 && isComplete(machine)) checkReachability(machine, report);
}

/** Whether all states could be read. */
const isComplete = (machine: Machine): boolean =>
  scopesOf(machine).every(({ body, states }) => Object.keys(body.States ?? {}).length === states.size);

/** Checks each state without its transitions. */
export function checkStates(machine: Machine, report: Report): void {
  checkExpressions(machine, report);
  checkFields(machine, report);
  checkValues(machine, report);
  checkRetriesAndCatches(machine, report);
  checkVariables(machine, report);
}
