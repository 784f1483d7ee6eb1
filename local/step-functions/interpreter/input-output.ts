import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { evaluateJsonata, isJsonataString } from "../language/jsonata/jsonata.ts";
import { evaluatePath, pathExists, setAtReferencePath } from "../language/jsonpath/jsonpath.ts";
import { evaluateTemplate } from "../language/template.ts";
import type { JsonataScope } from "../language/values/types.ts";
import { andThen, type MaybePromise } from "../model/maybe-promise.ts";
import { tooLarge } from "../model/payload.ts";
import { dataLimit, evaluating, Failed, runtimeFailure } from "./failure.ts";
import type { Effect, StateDeps } from "./state-module.ts";
import type { Visit } from "./visit.ts";

/** The value of a path field; absent: `$`, null: an empty object. */
function throughPath(visit: Visit, field: string, scope: JsonataScope): Json {
  const path = visit.state[field];
  if (path === null) return {};
  if (typeof path !== "string") return scope.input;
  return evaluating(visit, field, () => evaluatePath(path, scope));
}

/** The input of the state's work: `$` after InputPath in JSONPath, `$states.input` in JSONata. */
export const effectiveInput = (visit: Visit): Json =>
  visit.jsonata ? visit.input : throughPath(visit, "InputPath", visit.scope());

export const throughOutputPath = (visit: Visit, input: Json): Json =>
  throughPath(visit, "OutputPath", visit.scope({ input }));

/** Arguments (JSONata) or Parameters (JSONPath), or the effective input if there are none. */
export function argumentsOf(visit: Visit, scope: JsonataScope): MaybePromise<Json> {
  const field = visit.jsonata ? "Arguments" : "Parameters";
  const template = visit.state[field];
  if (template === undefined) return scope.input;
  return evaluating(visit, field, () =>
    visit.jsonata ? evaluateJsonata(template, scope, field) : evaluateTemplate(template, scope),
  );
}

/** Evaluates an Assign object; every expression reads the variables' previous values. */
function assignments(
  visit: Visit,
  assign: Json | undefined,
  scope: JsonataScope,
): MaybePromise<Record<string, Json>> {
  if (assign === undefined) return {};
  const values = evaluating(visit, "Assign", () =>
    visit.jsonata ? evaluateJsonata(assign, scope, "Assign") : evaluateTemplate(assign, scope),
  );
  return andThen(values, (assigned) => (isJsonObject(assigned) ? assigned : {}));
}

/** JSON text of a state's output. @throws Failed over 256 KiB */
export function outputText(visit: Visit, output: Json): string {
  const text = JSON.stringify(output);
  if (tooLarge(text)) throw new Failed(dataLimit(visit.frame.state));
  return text;
}

/** The name in `Next`; undefined at an end. */
export const nextOf = (rule: JsonObject): string | undefined =>
  typeof rule["Next"] === "string" ? rule["Next"] : undefined;

/** Leaves a state with the output of its result: through ResultSelector, ResultPath and OutputPath, or through Output. */
export function finishWith(
  visit: Visit,
  deps: StateDeps,
  result: Json,
  options: { readonly selector?: boolean } = {},
): MaybePromise<Effect> {
  const { state } = visit;
  const scope = visit.jsonata ? visit.scope({ result }) : visit.scope({ input: result });
  const output = () =>
    visit.jsonata
      ? jsonataOutput(visit, state["Output"], scope, result)
      : jsonPathOutput(visit, result, options.selector ?? true);
  return leave(visit, deps, { rule: state, next: nextOf(state), scope, output });
}

interface Exit {
  /** The state, or the rule of a Choice or Catch, whose Assign applies. */
  readonly rule: JsonObject;
  readonly next: string | undefined;
  readonly scope: JsonataScope;
  readonly output: () => MaybePromise<Json>;
}

/** Leaves a state: evaluates its Assign, then its output. */
export const leave = (
  visit: Visit,
  deps: StateDeps,
  { rule, next, scope, output }: Exit,
): MaybePromise<Effect> =>
  andThen(assignments(visit, rule["Assign"], scope), (assigned) =>
    andThen(output(), (value) => {
      const text = outputText(visit, value);
      return (frame) => deps.transitions.exit(visit, frame, text, next, assigned);
    }),
  );

/** The value of an `Output` field, or `otherwise` if there is none. */
export const jsonataOutput = (
  visit: Visit,
  template: Json | undefined,
  scope: JsonataScope,
  otherwise: Json,
): MaybePromise<Json> =>
  template === undefined
    ? otherwise
    : evaluating(visit, "Output", () => evaluateJsonata(template, scope, "Output"));

function jsonPathOutput(visit: Visit, result: Json, withSelector: boolean): Json {
  const selector = visit.state["ResultSelector"];
  const selected =
    withSelector && selector !== undefined
      ? evaluating(visit, "ResultSelector", () => evaluateTemplate(selector, visit.scope({ input: result })))
      : result;
  const combined = placeAt(visit, visit.state["ResultPath"], selected);
  return throughOutputPath(visit, combined);
}

/** Applies ResultPath; absent: the value alone, null: the raw input alone. */
export function placeAt(visit: Visit, path: Json | undefined, value: Json): Json {
  if (path === null) return visit.input;
  if (typeof path !== "string" || path === "$") return value;
  return evaluating(visit, "ResultPath", () => setAtReferencePath(visit.input, path, value));
}

/** The number in a field that can be a literal, a `...Path` or JSONata; undefined if the field is absent. */
export function numberField(
  visit: Visit,
  field: string,
  scope: JsonataScope,
): MaybePromise<number | undefined> {
  const literal = visit.state[field];
  const path = visit.state[`${field}Path`];
  if (typeof path === "string" && !visit.jsonata) return numberAt(visit, field, path, scope);
  if (typeof literal === "number") return literal;
  if (literal === undefined || !visit.jsonata || !isJsonataString(literal)) return undefined;
  const value = evaluating(visit, field, () => evaluateJsonata(literal, scope, field));
  return andThen(value, (evaluated) => checkedNumber(visit, field, literal, evaluated));
}

function checkedNumber(visit: Visit, field: string, literal: Json, value: Json): number {
  if (typeof value !== "number")
    throw runtimeFailure(visit, unexpectedType(literal, field, "number", value), QUERY_ERROR, field);
  if ((!Number.isInteger(value) && !field.endsWith("Percentage")) || value < 0)
    throw runtimeFailure(
      visit,
      `The ${field} parameter cannot be parsed as a non-negative integer: ${display(value)}`,
      QUERY_ERROR,
      field,
    );
  return value;
}

function numberAt(visit: Visit, field: string, path: string, scope: JsonataScope): number {
  if (field === "Seconds" && !pathExists(path, scope))
    throw runtimeFailure(visit, `The SecondsPath parameter does not reference an input value: ${path}`);
  const found = evaluating(visit, `${field}Path`, () => evaluatePath(path, scope));
  // As recorded from the service: a Map's numbers may be strings, durations may not.
  const value =
    !field.endsWith("Seconds") && typeof found === "string" && found !== "" ? Number(found) : found;
  // Only a percentage may have a fraction.
  const whole =
    typeof value === "number" &&
    (field.endsWith("Percentage") ? !Number.isNaN(value) : Number.isInteger(value));
  // The Map state itself reports an invalid tolerance or number of items.
  if (whole && (value >= 0 || field.startsWith("Tolerated") || field === "MaxItems")) return value;
  const duration = field.endsWith("Seconds");
  if (!whole)
    throw runtimeFailure(
      visit,
      duration
        ? `The ${field}Path parameter cannot be parsed as a long value: ${path} == ${display(found)}`
        : `The ${field}Path field refers to value "${display(found)}" which is not a valid ${field.endsWith("Percentage") ? "float" : "integer"}: ${path}`,
    );
  throw runtimeFailure(
    visit,
    duration
      ? `The ${field}Path parameter references a negative value: ${path} == ${value}`
      : `Expected non-negative integer for ${field}, got '${value}' instead.`,
  );
}

const typeName = (value: Json): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

export const QUERY_ERROR = "States.QueryEvaluationError";

/** The service's wording for a JSONata expression of the wrong type. */
export const unexpectedType = (expression: Json, field: string, expected: string, value: Json): string =>
  `The JSONata expression '${display(expression).trim().slice(2, -2).trim()}' specified for the field '${field}' returned an unexpected result type. Expected '${expected}', but was '${typeName(value)}' for value: ${JSON.stringify(value)}`;

export const display = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
