import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { GATE_FAILED, TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { Catchers } from "../gates/catchers.ts";
import { OWN_FAILURES, UNCHANGED } from "../gates/handlers.ts";
import type { StateNode } from "../parse/machine.ts";

const entriesOf = (list: Json | undefined): Json[] => (Array.isArray(list) ? list : []);

/** Adds Sluice's catchers to the user's. */
export function withErrorHandling(state: StateNode, body: JsonObject, catchers: Catchers): JsonObject {
  if (state.type !== "Task" && state.type !== "Parallel" && state.type !== "Map") return body;
  const Catch = [...entriesOf(body.Catch), ...catchers.afterUsers(state)];
  return Catch.length === 0 ? body : { ...body, Catch };
}

/** Refusals of a gate inside a function. They bypass the user's Retry and Catch, and the park ends the execution of a run that is over. */
const REFUSALS: readonly string[] = [
  TASK_ERRORS.paused,
  TASK_ERRORS.closed,
  TASK_ERRORS.timedOut,
  TASK_ERRORS.notARun,
];

/** Surrounds the Retry and Catch of a Task whose gate is inside its function. `park` is a state. */
export function withInlineGateErrors(state: StateNode, body: JsonObject, park: string): JsonObject {
  const unchanged = state.language === "JSONPath" ? { ResultPath: null } : { Output: UNCHANGED };
  const users = entriesOf(body.Retry);
  return {
    ...body,
    Retry: [
      { ...OWN_FAILURES, ErrorEquals: [GATE_FAILED] },
      ...(users.length === 0
        ? []
        : [{ ErrorEquals: [...REFUSALS, TASK_ERRORS.accessDenied], MaxAttempts: 0 }, ...users]),
    ],
    Catch: [{ ErrorEquals: [...REFUSALS], ...unchanged, Next: park }, ...entriesOf(body.Catch)],
  };
}

/** Errors of a human step itself. All others are failures of the function that creates the request. */
const HUMAN_STEP_ERRORS: readonly string[] = [
  TASK_ERRORS.rejected,
  "States.Timeout",
  "States.HeartbeatTimeout",
  "States.ParameterPathFailure",
  "States.IntrinsicFailure",
  "States.QueryEvaluationError",
  "States.ResultPathMatchFailure",
  "States.DataLimitExceeded",
  "States.Runtime",
];
const WITHOUT_TIMEOUT = HUMAN_STEP_ERRORS.filter((name) => name !== "States.Timeout");

/** The Retry of an approval or form. The user's retriers match only the step's own errors; Sluice's retries the request, without which no one could answer. */
export function humanStepRetry({ body }: StateNode): Json[] {
  return [
    ...entriesOf(body.Retry)
      .filter(isJsonObject)
      .map((retrier) => ({ ...retrier, ErrorEquals: narrowed(retrier.ErrorEquals) })),
    { ErrorEquals: [...HUMAN_STEP_ERRORS], MaxAttempts: 0 },
    OWN_FAILURES,
  ];
}

/** Expands `States.ALL` and `States.TaskFailed` to the step's own errors that they match. */
function narrowed(names: Json | undefined): Json[] {
  if (!Array.isArray(names)) return [];
  if (names.includes("States.ALL")) return [...HUMAN_STEP_ERRORS];
  return names.flatMap((name) => (name === "States.TaskFailed" ? WITHOUT_TIMEOUT : [name]));
}
