import type { Json, JsonObject } from "../../model/json/json.ts";
import { TASK_EVENT_VERSION } from "../../model/machines/task-events.ts";
import { asTemplate } from "../gates/jsonata-text.ts";
import {
  functionName,
  lambdaInvokeAndWait,
  type Plan,
  pathVariable,
  TOKEN_ORIGIN,
  TOKEN_ORIGIN_PATH,
  visitVariable,
} from "../gates/plan.ts";
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
    [field]: {
      FunctionName: functionName(plan.functions.humanStep),
      Payload: payload(plan, state, kind, spec),
    },
    Retry: humanStepRetry(state),
  };
}

/** The function takes the user's state from its name in `at`, and the visit from the variables that its gate assigned. */
function payload(
  { constants }: Plan,
  { scope, language }: StateNode,
  kind: HumanKind,
  spec: Json,
): JsonObject {
  const path = visitPath(scope).constant;
  const entered = `$${visitVariable(scope.depth)}`;
  const variable = `$${pathVariable(scope.depth)}`;
  const fixed = { v: TASK_EVENT_VERSION, flow: constants.flowId, kind, spec };
  if (language === "JSONPath") {
    return {
      ...fixed,
      "at.$": TOKEN_ORIGIN_PATH,
      "entered.$": entered,
      ...(path === undefined ? { "path.$": variable } : path === "" ? {} : { path }),
    };
  }
  return {
    ...fixed,
    at: asTemplate(TOKEN_ORIGIN),
    entered: asTemplate(entered),
    ...(path === undefined ? { path: asTemplate(variable) } : path === "" ? {} : { path }),
  };
}
