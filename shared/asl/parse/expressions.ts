import jsonata from "jsonata";
import { isJsonObject, type Json } from "../../model/json/json.ts";
import type { Machine, StateNode } from "./machine.ts";
import type { Report } from "./problems.ts";

/** The text between `{%` and `%}` of a JSONata string; undefined for a constant. */
export function jsonataExpression(value: Json | undefined): string | undefined {
  return typeof value === "string" && value.length >= 4 && value.startsWith("{%") && value.endsWith("%}")
    ? value.slice(2, -2).trim()
    : undefined;
}

/** Fields that hold states, whose expressions are checked where those states stand. */
const STATE_FIELDS = new Set(["Branches", "ItemProcessor", "Iterator", "States"]);

/** Every value of a state's own fields with its path, those of nested states left out. */
function* valuesOf(
  state: Pick<StateNode, "body" | "at">,
): Generator<{ value: Json; key: string; path: string }> {
  const open: { value: Json; key: string; path: string }[] = [];
  for (const [key, value] of Object.entries(state.body)) {
    if (!STATE_FIELDS.has(key) && key !== "Comment") open.push({ value, key, path: `${state.at}.${key}` });
  }
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    const { value, key, path } = next;
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) open.push({ value: item, key, path: `${path}[${index}]` });
    } else if (isJsonObject(value)) {
      for (const [name, item] of Object.entries(value))
        open.push({ value: item, key: name, path: `${path}.${name}` });
    }
  }
}

const isExpression = (value: Json): value is string =>
  typeof value === "string" &&
  (value.startsWith("$") || value.startsWith("States.") || value.startsWith("{%"));

/** Texts of a state's own fields that are evaluated at the run, in either query language. */
export const expressionsOf = (state: StateNode): string[] =>
  [...valuesOf(state)].map(({ value }) => value).filter(isExpression);

/** Parses every JSONata expression, so that a slip is named at publishing and not at the first run. */
export function checkExpressions(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    if (state.language !== "JSONata") continue;
    for (const { value, path } of valuesOf(state)) {
      if (typeof value !== "string") continue;
      const expression = jsonataExpression(value);
      if (expression !== undefined) {
        const slip = syntaxError(expression);
        if (slip !== undefined) report(path, `The JSONata expression cannot be read: ${slip}`);
      } else if (value.startsWith("{%")) {
        report(path, "The JSONata expression is not closed: it must end with %}.");
      }
    }
  }
}

function syntaxError(expression: string): string | undefined {
  if (expression === "") return "it is empty.";
  try {
    jsonata(expression);
    return undefined;
  } catch (error) {
    // jsonata throws plain objects with a message, and a RangeError for what is nested too deeply.
    if (error instanceof RangeError) return "it is nested too deeply.";
    const message: unknown =
      typeof error === "object" && error !== null && "message" in error ? error.message : error;
    return String(message);
  }
}
