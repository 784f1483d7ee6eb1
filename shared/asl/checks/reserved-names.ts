import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { Machine } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";
import { assignmentsOf } from "./variables.ts";

/** The prefix of variables in generated states. */
const VARIABLE_PREFIX = "sluice";

/** Errors with which gates control an execution. */
const ERRORS: readonly string[] = [
  TASK_ERRORS.paused,
  TASK_ERRORS.closed,
  TASK_ERRORS.timedOut,
  TASK_ERRORS.continueAsNew,
];

/** Rejects variables and errors that belong to Sluice. */
export function checkReservedNames(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    for (const { name, path } of assignmentsOf(state)) {
      if (name.startsWith(VARIABLE_PREFIX))
        report(
          path,
          `Variable names that begin with "${VARIABLE_PREFIX}" are reserved for Sluice. Rename the variable.`,
        );
    }
    const { type, body, at } = state;
    // A Fail with a reserved error would end a run as if it had been cancelled.
    if (type === "Fail" && typeof body.Error === "string" && ERRORS.includes(body.Error)) {
      report(`${at}.Error`, `"${body.Error}" is reserved for Sluice. Use another error name.`);
    }
  }
}
