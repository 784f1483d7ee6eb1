import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { GATE_FAILED, TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { Catchers } from "../gates/catchers.ts";
import { OWN_FAILURES, UNCHANGED } from "../gates/gate.ts";
import { isGated } from "../gates/gated-states.ts";
import { asTemplate } from "../gates/jsonata-text.ts";
import { visitVariable } from "../gates/plan.ts";
import type { StateNode } from "../parse/machine.ts";
import { humanKind } from "../parse/sluice-field.ts";

/** Errors with which gates control an execution. They bypass the user's Retry and Catch. */
const CONTROL_ERRORS: readonly string[] = [TASK_ERRORS.paused, TASK_ERRORS.closed, TASK_ERRORS.timedOut];

const entriesOf = (list: Json | undefined): Json[] => (Array.isArray(list) ? list : []);

/** Surrounds the user's Retry and Catch with Sluice's. */
export function withErrorHandling(state: StateNode, body: JsonObject, catchers: Catchers): JsonObject {
  const container = state.type === "Parallel" || state.type === "Map";
  if (!container && state.type !== "Task") return body;
  const result =
    container || humanKind(state) !== undefined ? withControlErrors(state, body, catchers) : { ...body };
  result.Catch = [...entriesOf(result.Catch), ...catchers.afterUsers(state, enteredOf(state))];
  if (result.Catch.length === 0) delete result.Catch;
  return result;
}

const withControlErrors = (state: StateNode, body: JsonObject, catchers: Catchers): JsonObject => ({
  ...body,
  Retry: [{ ErrorEquals: [...CONTROL_ERRORS], MaxAttempts: 0 }, ...entriesOf(body.Retry)],
  Catch: [...catchers.beforeUsers(state), ...entriesOf(body.Catch)],
});

/** The time at which the visit of a state began, in the state's own query language. */
function enteredOf(state: StateNode): string {
  if (isGated(state)) return `$${visitVariable(state.scope.depth)}`;
  return state.language === "JSONPath" ? "$$.State.EnteredTime" : "$states.context.State.EnteredTime";
}

/** Surrounds the Retry and Catch of a Task whose gate is inside its function. `park` and `retry` are states. */
export function withInlineGateErrors(
  state: StateNode,
  body: JsonObject,
  catchers: Catchers,
  { park, retry }: { readonly park: string; readonly retry: string },
): JsonObject {
  const variable = visitVariable(state.scope.depth);
  const isJsonPath = state.language === "JSONPath";
  const unchanged = isJsonPath ? { ResultPath: null } : { Output: UNCHANGED };
  return {
    ...body,
    Retry: [
      { ErrorEquals: [...CONTROL_ERRORS, TASK_ERRORS.accessDenied], MaxAttempts: 0 },
      { ...OWN_FAILURES, ErrorEquals: [GATE_FAILED] },
      ...entriesOf(body.Retry),
    ],
    Catch: [
      {
        ErrorEquals: [TASK_ERRORS.paused],
        Assign: isJsonPath
          ? { [`${variable}.$`]: "$$.State.EnteredTime" }
          : { [variable]: asTemplate("$states.context.State.EnteredTime") },
        ...unchanged,
        Next: park,
      },
      { ErrorEquals: [GATE_FAILED], ...unchanged, Next: retry },
      ...catchers.beforeUsers(state),
      ...entriesOf(body.Catch),
    ],
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

/** Enough attempts to outlast any outage: without the request, nobody could answer. */
const REQUEST_FAILURES: JsonObject = {
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  MaxAttempts: 1000,
  JitterStrategy: "FULL",
};

/** The Retry of an approval or form. The user's retriers match only the step's own errors; Sluice's retry the request. */
export function humanStepRetry({ body }: StateNode): Json[] {
  return [
    ...entriesOf(body.Retry)
      .filter(isJsonObject)
      .map((retrier) => ({ ...retrier, ErrorEquals: narrowed(retrier.ErrorEquals) })),
    { ErrorEquals: [...HUMAN_STEP_ERRORS], MaxAttempts: 0 },
    REQUEST_FAILURES,
  ];
}

/** Expands `States.ALL` and `States.TaskFailed` to the step's own errors that they match. */
function narrowed(names: Json | undefined): Json[] {
  if (!Array.isArray(names)) return [];
  if (names.includes("States.ALL")) return [...HUMAN_STEP_ERRORS];
  return names.flatMap((name) => (name === "States.TaskFailed" ? WITHOUT_TIMEOUT : [name]));
}
