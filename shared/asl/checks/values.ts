import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { Machine, StateNode } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

/** Without the failure tolerances: Step Functions accepts and ignores them in an inline Map. */
const DISTRIBUTED_ONLY = ["ItemReader", "ResultWriter", "ItemBatcher", "Label"];

/** Errors with which gates control an execution. */
const RESERVED_ERRORS: readonly string[] = [
  TASK_ERRORS.paused,
  TASK_ERRORS.closed,
  TASK_ERRORS.timedOut,
  TASK_ERRORS.continueAsNew,
];

/** Rejects values that Step Functions rejects and asl-validator accepts, and errors that belong to Sluice. */
export function checkValues(machine: Machine, report: Report): void {
  const { TimeoutSeconds: deadline } = machine.body;
  if (
    deadline !== undefined &&
    !(typeof deadline === "number" && Number.isInteger(deadline) && deadline > 0)
  ) {
    report("TimeoutSeconds", "TimeoutSeconds must be an integer of at least 1.");
  }
  for (const state of machine.all) {
    if (state.type === "Map") checkMapMode(state, report);
    if (state.type === "Task") checkHeartbeat(state, report);
    if (state.type === "Fail") checkError(state, report);
  }
}

function checkMapMode({ body, at, inner }: StateNode, report: Report): void {
  if (inner.some((scope) => scope.distributed)) return;
  for (const field of DISTRIBUTED_ONLY) {
    if (Object.hasOwn(body, field)) report(`${at}.${field}`, `Only a Distributed Map can have ${field}.`);
  }
}

function checkHeartbeat({ body, at }: StateNode, report: Report): void {
  const { TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat } = body;
  if (typeof timeout === "number" && typeof heartbeat === "number" && heartbeat >= timeout) {
    report(`${at}.HeartbeatSeconds`, "HeartbeatSeconds must be smaller than TimeoutSeconds.");
  }
}

/** A Fail with a reserved error would end a run as if it had been cancelled. */
function checkError({ body, at }: StateNode, report: Report): void {
  if (typeof body.Error === "string" && RESERVED_ERRORS.includes(body.Error)) {
    report(`${at}.Error`, `"${body.Error}" is reserved for Sluice. Use another error name.`);
  }
}
