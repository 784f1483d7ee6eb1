import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { Machine } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

/** Errors by which gates steer an execution. They pass the user's Retry and Catch by. */
export const CONTROL_ERRORS: readonly string[] = [
  TASK_ERRORS.paused,
  TASK_ERRORS.closed,
  TASK_ERRORS.timedOut,
];

const RESERVED: readonly string[] = [...CONTROL_ERRORS, TASK_ERRORS.continueAsNew];

/** A Fail that used one of them would end a run as if it had been cancelled. */
export function checkReservedErrors(machine: Machine, report: Report): void {
  for (const { type, body, at } of machine.all) {
    if (type === "Fail" && typeof body.Error === "string" && RESERVED.includes(body.Error)) {
      report(`${at}.Error`, `"${body.Error}" is an error of Sluice's own; give yours another name.`);
    }
  }
}
