import type { Json } from "../../../../shared/model/json/json.ts";
import { isJsonObject } from "../../../../shared/model/json/json.ts";
import { type JsonataScope, StatesError } from "../values/types.ts";
import { evaluateHere, mayRunHere } from "./jsonata-evaluation.ts";
import { evaluateElsewhere } from "./jsonata-process.ts";

/** Whether a string is an expression as a whole; with any text around its `{% %}` it is a literal. */
export function isJsonataString(value: Json): boolean {
  return typeof value === "string" && value.length >= 4 && value.startsWith("{%") && value.endsWith("%}");
}

function failure(text: string, field: string, what: string): StatesError {
  return new StatesError(
    "States.QueryEvaluationError",
    `The JSONata expression '${text}' specified for the field '${field}' ${what}`,
    field,
  );
}

async function evaluateText(source: string, scope: JsonataScope, field: string): Promise<Json> {
  const text = source.slice(2, -2).trim();
  const bindings = bindingsOf(scope);
  const evaluated = await (mayRunHere(text)
    ? // A copy, because JSONata marks the arrays that it works on.
      evaluateHere(text, structuredClone(bindings))
    : evaluateElsewhere(text, bindings));
  if (evaluated.kind === "value") return evaluated.value;
  if (evaluated.kind === "failed")
    throw failure(text, field, `threw an error during evaluation. ${evaluated.reason}`);
  if (evaluated.kind === "function") throw failure(text, field, "returned an unsupported result type.");
  throw failure(text, field, "returned nothing (undefined).");
}

async function fill(template: Json, scope: JsonataScope, field: string): Promise<Json> {
  if (typeof template === "string") {
    return isJsonataString(template) ? evaluateText(template, scope, field) : template;
  }
  if (Array.isArray(template)) {
    const items: Json[] = [];
    for (const [at, item] of template.entries()) items.push(await fill(item, scope, `${field}[${at}]`));
    return items;
  }
  if (!isJsonObject(template)) return template;
  const members: [string, Json][] = [];
  for (const [key, value] of Object.entries(template)) {
    members.push([key, await fill(value, scope, `${field}/${key}`)]);
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
  return { ...scope.variables, states };
}

/**
 * Evaluates every string of a JSON value that is an expression. `field` names the value in causes, e.g. `Output` or
 * `Choices[1]/Condition`; inner fields are named as the service names them (`Output/a[0]`). An error, an undefined
 * result, a second of work, or more than a megabyte is States.QueryEvaluationError.
 */
export async function evaluateJsonata(template: Json, scope: JsonataScope, field: string): Promise<Json> {
  return fill(template, scope, field);
}
