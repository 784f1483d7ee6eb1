import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import type { StepType } from "../../model/machines/task-events.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import type { Scope, StateNode } from "../parse/machine.ts";
import { sluiceField } from "../parse/sluice-field.ts";
import { isTopLevel, type Plan } from "./plan.ts";

const isStep = (type: StateNode["type"]): type is StepType =>
  type === "Task" || type === "Wait" || type === "Parallel" || type === "Map";

/**
 * The error and cause of a Fail if they are literals; undefined if one of them is evaluated. An evaluation can fail, return
 * something other than a string, or differ from one time to the next, so the run takes its error from the execution that has
 * ended.
 */
export function literalFailure({
  body,
  language,
}: StateNode): { readonly error?: string; readonly cause?: string } | undefined {
  if (Object.hasOwn(body, "ErrorPath") || Object.hasOwn(body, "CausePath")) return undefined;
  const { Error: error, Cause: cause } = body;
  const isLiteral = (value: Json | undefined): value is string | undefined =>
    value === undefined ||
    (typeof value === "string" && !(language === "JSONata" && jsonataExpression(value) !== undefined));
  if (!isLiteral(error) || !isLiteral(cause)) return undefined;
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

/** Whether a gate state is generated before this state. */
export function isGated(state: StateNode): boolean {
  if (state.type === "Fail") return isTopLevel(state) && literalFailure(state) !== undefined;
  return isStep(state.type) && sluiceField(state).gate === "before";
}

/** The target of transitions into a state: the name of its gate, or its own. */
export const entryName = (plan: Plan, state: StateNode): string =>
  isGated(state) ? plan.names.of("gate", state.name) : state.name;

/** Whether a visit of this state records a step. The gate writes it, before or inside the state. */
const isRecorded = (state: StateNode): boolean => isStep(state.type) && sluiceField(state).gate !== "none";

/**
 * The steps for which `leads` holds and whose caught errors cannot reach the same place without passing another gate. The
 * raw input of the state that they lead to is the output of the step that ran before.
 */
export function stepsBefore(scope: Scope, leads: (body: JsonObject) => boolean, target?: string): string[] {
  return [...scope.states.values()]
    .filter(({ type, body }) => isStep(type) && leads(body) && !catchesUnrecorded(scope, body, target))
    .map(({ name }) => name);
}

const catchesUnrecorded = (scope: Scope, { Catch: list }: JsonObject, target: string | undefined): boolean =>
  Array.isArray(list) &&
  list.some((entry) => {
    if (!isJsonObject(entry) || typeof entry.Next !== "string") return false;
    const next = scope.states.get(entry.Next);
    if (next === undefined || next.type === "Fail") return false;
    return entry.Next === target || !isRecorded(next);
  });
