import type { Json, JsonObject } from "../../model/json/json.ts";
import { TASK_EVENT_VERSION } from "../../model/machines/task-events.ts";
import { asTemplate, type Expression } from "../gates/jsonata-text.ts";
import { lambdaInvokeAndWait, type Plan, pathVariable, visitVariable } from "../gates/plan.ts";
import { visitPath } from "../gates/visit-path.ts";
import { argumentsField, type StateNode } from "../parse/machine.ts";
import type { HumanKind } from "../parse/sluice-field.ts";
import { humanStepRetry } from "./retries-and-catches.ts";

/** The Task that an approval or form becomes. The user's spec stays in the user's query language. */
export function humanStep(plan: Plan, state: StateNode, kind: HumanKind): JsonObject {
  const field = argumentsField(state);
  const { [field]: spec = {}, ...body } = state.body;
  return {
    ...body,
    Resource: lambdaInvokeAndWait(plan),
    [field]: { FunctionName: plan.functions.humanStep, Payload: payload(plan, state, kind, spec) },
    Retry: humanStepRetry(state),
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
