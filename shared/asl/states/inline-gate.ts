import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { GATE_FAILED, TASK_ERRORS, TASK_EVENT_VERSION } from "../../model/machines/task-events.ts";
import { argumentsField } from "../checks/human-check.ts";
import { CONTROL_ERRORS } from "../checks/reserved-errors.ts";
import type { Exits } from "../gates/exits.ts";
import { OWN_FAILURES, parkState, ROUND_SECONDS, UNCHANGED } from "../gates/gate.ts";
import { jsonataState, type MadeStates, type Plan, visitVariable } from "../gates/plan.ts";
import { visitPath } from "../gates/visit-path.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import { asTemplate, constant } from "../parse/jsonata-text.ts";
import type { StateNode } from "../parse/machine.ts";
import { sluiceField } from "../parse/sluice-field.ts";
import { stepsBefore } from "./state-gate.ts";

export const hasInlineGate = (state: StateNode): boolean => sluiceField(state).gate === "inline";

/** What a gate inside the function answers with, and no retry of the user's is to see. */
const ANSWERS = [...CONTROL_ERRORS, TASK_ERRORS.accessDenied];
const LAMBDA_SERVICE = /:states:::lambda:invoke$/;

/**
 * The Task whose function asks the gate's questions itself. Its event is wrapped with the question; a refusal leads to a park and
 * from there back to the Task, a new visit of it, and whatever the gate's own failures are is tried again before anybody sees it.
 */
export function inlineStep(
  plan: Plan,
  state: StateNode,
  body: JsonObject,
  exits: Exits,
  made: MadeStates,
): JsonObject {
  const { name, scope, language } = state;
  const park = plan.names.of("park", name);
  const retry = plan.names.of("retry", name);
  const variable = visitVariable(scope.depth);
  const visit = { state: constant(name), path: visitPath(scope).expression, entered: `$${variable}` };
  made.set(park, parkState(plan, { ...visit, inline: "true" }, name));
  made.set(retry, { Type: "Wait", ...jsonataState(plan), Seconds: ROUND_SECONDS, Next: name });
  const field = argumentsField(state);
  return {
    ...body,
    [field]: wrapped(plan, state, body[field]),
    Retry: [
      { ErrorEquals: [...ANSWERS], MaxAttempts: 0 },
      { ...OWN_FAILURES, ErrorEquals: [GATE_FAILED] },
      ...listed(body.Retry),
    ],
    Catch: [
      {
        ErrorEquals: [TASK_ERRORS.paused],
        ...(language === "JSONPath"
          ? { Assign: { [`${variable}.$`]: "$$.State.EnteredTime" } }
          : { Assign: { [variable]: asTemplate("$states.context.State.EnteredTime") } }),
        ...unchanged(state),
        Next: park,
      },
      { ErrorEquals: [GATE_FAILED], ...unchanged(state), Next: retry },
      ...exits.ofControl(state),
      ...listed(body.Catch),
    ],
  };
}

const listed = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** The state's raw input goes on, in its own query language. */
const unchanged = ({ language }: StateNode): JsonObject =>
  language === "JSONPath" ? { ResultPath: null } : { Output: UNCHANGED };

/** The arguments, with the event that the function would have had inside the call of a function with a gate. */
function wrapped(plan: Plan, state: StateNode, given: Json | undefined): JsonObject {
  if (!LAMBDA_SERVICE.test(String(state.body.Resource))) return call(plan, state, given, given === undefined);
  const { Payload, "Payload.$": selected, ...rest } = isJsonObject(given) ? given : {};
  const payload =
    selected === undefined
      ? call(plan, state, Payload ?? {}, false)
      : call(plan, state, selected, selected === "$", true);
  return { ...rest, Payload: { ...payload, text: true } };
}

/** `selected`: the event is a JSONPath, not a template. */
function call(
  plan: Plan,
  state: StateNode,
  event: Json | undefined,
  whole: boolean,
  selected = false,
): JsonObject {
  const sluice = question(plan, state);
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

function question(plan: Plan, state: StateNode): JsonObject {
  const { name, scope, language } = state;
  const path = visitPath(scope);
  const { requires } = sluiceField(state);
  // Its own output is this input only where it leads to itself, and then a park may lie between.
  const after = stepsBefore(scope, ({ Next }) => Next === name, name).filter((before) => before !== name);
  const fixed = {
    ...{ v: TASK_EVENT_VERSION, op: "gate", kind: "step", type: "Task", ...plan.constants, state: name },
    ...(path.constant === undefined ? {} : { path: path.constant }),
    ...(after.length === 0 ? {} : { after }),
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
