import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { INLINE_EVENT_VERSION } from "../../model/machines/task-events.ts";
import { parkState } from "../gates/gate.ts";
import { UNCHANGED, WITHOUT_RUN } from "../gates/handlers.ts";
import { asTemplate } from "../gates/jsonata-text.ts";
import { isTopLevel, type MadeStates, type Plan } from "../gates/plan.ts";
import { type BeforeIn, isLastByCompleting } from "../gates/steps-before.ts";
import { visitPath } from "../gates/visit-path.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import { argumentsField, type StateNode } from "../parse/machine.ts";
import { sluiceField } from "../parse/sluice-field.ts";
import { withInlineGateErrors } from "./retries-and-catches.ts";
import { namesOf } from "./state-gate.ts";

export const hasInlineGate = (state: StateNode): boolean => sluiceField(state).gate === "inline";

const LAMBDA_SERVICE = /:states:::lambda:invoke$/;

/**
 * A Task with the gate inside its function. The event is wrapped together with the gate's question. A held run parks and then
 * visits the Task again. Failures of the gate itself are retried and never reach the user's handlers.
 */
export function inlineStep(
  plan: Plan,
  state: StateNode,
  body: JsonObject,
  { before, made }: { readonly before: BeforeIn; readonly made: MadeStates },
): JsonObject {
  const { name, scope } = state;
  const park = plan.names.of("park", name);
  const visit = { subject: name, ...(isTopLevel(state) ? {} : { path: visitPath(scope) }) };
  made.set(park, parkState(plan, visit, name, { more: { inline: true }, raised: WITHOUT_RUN }));
  const field = argumentsField(state);
  const called = { ...body, [field]: withQuestion(question(plan, state, before), state, body[field]) };
  return withInlineGateErrors(state, called, park);
}

/** The Task's arguments, in which the function's event is wrapped together with the gate's question. */
function withQuestion(sluice: JsonObject, state: StateNode, given: Json | undefined): JsonObject {
  if (!LAMBDA_SERVICE.test(String(state.body.Resource)))
    return call(sluice, state, given, given === undefined);
  const { Payload, "Payload.$": selected, ...rest } = isJsonObject(given) ? given : {};
  const payload =
    selected === undefined
      ? call(sluice, state, Payload ?? {}, false)
      : call(sluice, state, selected, selected === "$", true);
  return { ...rest, Payload: { ...payload, text: true } };
}

/** `selected`: whether the event is a JSONPath instead of a template. */
function call(
  sluice: JsonObject,
  state: StateNode,
  event: Json | undefined,
  whole: boolean,
  selected = false,
): JsonObject {
  if (state.language === "JSONata") {
    const value = event ?? UNCHANGED;
    const raw = isRawInput(value);
    return { sluice, event: value, ...(raw ? { raw } : {}) };
  }
  const raw = whole && !Object.hasOwn(state.body, "InputPath");
  return {
    sluice,
    ...(event === undefined || selected ? { "event.$": event ?? "$" } : { event }),
    ...(raw ? { raw } : {}),
  };
}

const isRawInput = (value: Json): boolean => jsonataExpression(value) === "$states.input";

function question(plan: Plan, state: StateNode, before: BeforeIn): JsonObject {
  const { name, scope, language } = state;
  const path = visitPath(scope);
  const { requires } = sluiceField(state);
  // A step that transitions to itself is omitted: a park can come between its two visits.
  const isOther = (one: string): boolean => one !== name;
  const { exact, changed } = namesOf(before(name));
  const [after, completed] = [exact.filter(isOther), changed.filter(isOther)];
  const fixed = {
    ...{ v: INLINE_EVENT_VERSION, op: "gate", kind: "step", type: "Task", ...plan.constants, state: name },
    ...(path.constant === undefined ? {} : { path: path.constant }),
    ...(after.length === 0 ? {} : { after }),
    ...(completed.length === 0 ? {} : { completed }),
    ...(isLastByCompleting(state, before) ? { last: true } : {}),
    ...(requires.length === 0 ? {} : { requires: [...requires] }),
    ...(plan.timeoutSeconds === undefined ? {} : { timeoutSeconds: plan.timeoutSeconds }),
  };
  return language === "JSONPath"
    ? {
        ...fixed,
        "execution.$": "$$.Execution.Name",
        ...(path.constant === undefined ? { "path.$": path.jsonPath } : {}),
        "entered.$": "$$.State.EnteredTime",
        "retry.$": "$$.State.RetryCount",
      }
    : {
        ...fixed,
        execution: asTemplate("$states.context.Execution.Name"),
        ...(path.constant === undefined ? { path: asTemplate(path.expression) } : {}),
        entered: asTemplate("$states.context.State.EnteredTime"),
        retry: asTemplate("$states.context.State.RetryCount"),
      };
}
