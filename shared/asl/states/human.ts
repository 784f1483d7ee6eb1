import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { TASK_ERRORS, TASK_EVENT_VERSION } from "../../model/machines/task-events.ts";
import { argumentsField } from "../checks/human-check.ts";
import { LAMBDA_INVOKE_AND_WAIT, type Plan, pathVariable, visitVariable } from "../gates/plan.ts";
import { visitPath } from "../gates/visit-path.ts";
import { asTemplate, type Expression } from "../parse/jsonata-text.ts";
import type { StateNode } from "../parse/machine.ts";
import type { HumanKind } from "../parse/sluice-field.ts";

/** What may come of the step itself; any other error is of the function that asks the people, and none of the user's business. */
const OUTCOMES: readonly string[] = [
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
const NOT_TIMED_OUT = OUTCOMES.filter((name) => name !== "States.Timeout");

/** Long enough for any outage: nobody answers a question that was never asked. */
const ASK_AGAIN: JsonObject = {
  ErrorEquals: ["States.ALL"],
  IntervalSeconds: 1,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  MaxAttempts: 1000,
  JitterStrategy: "FULL",
};

/** The Task behind an approval or a form, with the user's spec in the user's own query language. */
export function humanStep(plan: Plan, state: StateNode, kind: HumanKind): JsonObject {
  const field = argumentsField(state);
  const { [field]: spec = {}, ...body } = state.body;
  return {
    ...body,
    Resource: LAMBDA_INVOKE_AND_WAIT,
    [field]: { FunctionName: plan.functions.humanStep, Payload: payload(plan, state, kind, spec) },
    Retry: retriers(state),
  };
}

function payload(plan: Plan, state: StateNode, kind: HumanKind, spec: Json): JsonObject {
  const { depth } = state.scope;
  const fixed = { v: TASK_EVENT_VERSION, op: "human", kind, ...plan.constants, state: state.name };
  const path = visitPath(state.scope).constant;
  if (state.language === "JSONPath") {
    return {
      ...fixed,
      "execution.$": "$$.Execution.Name",
      ...(path === undefined ? { "path.$": `$${pathVariable(depth)}` } : { path }),
      "entered.$": `$${visitVariable(depth)}`,
      "token.$": "$$.Task.Token",
      spec,
    };
  }
  const dynamic: Record<string, Expression> = {
    execution: "$states.context.Execution.Name",
    entered: `$${visitVariable(depth)}`,
    token: "$states.context.Task.Token",
    ...(path === undefined ? { path: `$${pathVariable(depth)}` } : {}),
  };
  return {
    ...fixed,
    ...(path === undefined ? {} : { path }),
    ...Object.fromEntries(Object.entries(dynamic).map(([key, value]) => [key, asTemplate(value)])),
    spec,
  };
}

/** The user's retriers see the outcomes of the step; failures to ask are retried behind them. */
function retriers({ body }: StateNode): Json[] {
  const own = Array.isArray(body.Retry) ? body.Retry.filter(isJsonObject) : [];
  return [
    ...own.map((retrier) => ({ ...retrier, ErrorEquals: narrowed(retrier.ErrorEquals) })),
    { ErrorEquals: [...OUTCOMES], MaxAttempts: 0 },
    ASK_AGAIN,
  ];
}

function narrowed(names: Json | undefined): Json[] {
  if (!Array.isArray(names)) return [];
  if (names.includes("States.ALL")) return [...OUTCOMES];
  return names.flatMap((name) => (name === "States.TaskFailed" ? NOT_TIMED_OUT : [name]));
}
