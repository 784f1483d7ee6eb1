import jsonata from "jsonata";
import type { Json } from "../../../../shared/model/json.ts";
import { isJsonObject } from "../../../../shared/model/json.ts";
import { remember } from "./bounded-cache.ts";
import { BoundedRegExp } from "./bounded-regexp.ts";
import { addStepFunctions } from "./jsonata-functions.ts";
import { isFunction, plainJson } from "./plain-json.ts";
import { type JsonataScope, StatesError } from "./types.ts";

/**
 * JSONata's own guard rails, see "Guardrails" in its documentation: milliseconds, nested calls, items of a sequence. The
 * service allows 100 nested calls and about 870,000 items.
 */
const limits = {
  timeout: 1000,
  stack: 500,
  sequence: 1_000_000,
  // Its type asks for all of RegExp's static side; JSONata only ever calls `new`.
  RegexEngine: BoundedRegExp as unknown as RegExpConstructor,
};

const compiled = remember(500, (text) => {
  const expression = jsonata(text, limits);
  addStepFunctions(expression);
  return expression;
});

/** Whether a string is wholly an expression; with anything around its `{% %}` it is a literal. */
export function isJsonataString(value: Json): boolean {
  return typeof value === "string" && value.length >= 4 && value.startsWith("{%") && value.endsWith("%}");
}

/** JSONata throws plain objects with a code and a message, others throw errors. */
function reasonOf(error: unknown): string {
  if (typeof error !== "object" || error === null) return String(error);
  const message = "message" in error ? String(error.message) : "unknown error";
  return "code" in error && /^[A-Z]\d{4}$/.test(String(error.code)) ? `${error.code}: ${message}` : message;
}

function failure(text: string, field: string, what: string): StatesError {
  return new StatesError(
    "States.QueryEvaluationError",
    `The JSONata expression '${text}' specified for the field '${field}' ${what}`,
  );
}

async function evaluateText(source: string, bindings: Record<string, unknown>, field: string): Promise<Json> {
  const text = source.slice(2, -2).trim();
  let found: unknown;
  let result: Json | undefined;
  try {
    found = await compiled(text).evaluate(undefined, bindings);
    result = plainJson(found);
  } catch (error) {
    throw failure(text, field, `threw an error during evaluation. ${reasonOf(error)}`);
  }
  if (isFunction(found)) throw failure(text, field, "returned an unsupported result type.");
  if (result === undefined) throw failure(text, field, "returned nothing (undefined).");
  return result;
}

async function fill(template: Json, bindings: Record<string, unknown>, field: string): Promise<Json> {
  if (typeof template === "string") {
    return isJsonataString(template) ? evaluateText(template, bindings, field) : template;
  }
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [at, item] of template.entries()) items.push(await fill(item, bindings, `${field}[${at}]`));
    return items;
  }
  if (!isJsonObject(template)) return template;
  const members: [string, Json][] = [];
  for (const [key, value] of Object.entries(template)) {
    members.push([key, await fill(value, bindings, `${field}/${key}`)]);
  }
  return Object.fromEntries(members);
}

function bindingsOf(scope: JsonataScope): Record<string, unknown> {
  const { input, context, result, errorOutput } = scope;
  const states = {
    input,
    context,
    ...(result === undefined ? {} : { result }),
    ...(errorOutput === undefined ? {} : { errorOutput }),
  };
  // A copy, since JSONata marks arrays that it works on.
  return structuredClone({ ...scope.variables, states });
}

/**
 * Evaluates every string of a JSON value that is wholly `{% ... %}`. `field` names the value in causes, e.g. `Output` or
 * `Choices[1]/Condition`; inner fields are named as the service names them (`Output/a[0]`). An error, an undefined
 * result, a second of work, or more than a megabyte is States.QueryEvaluationError.
 */
export async function evaluateJsonata(template: Json, scope: JsonataScope, field: string): Promise<Json> {
  return fill(template, bindingsOf(scope), field);
}
