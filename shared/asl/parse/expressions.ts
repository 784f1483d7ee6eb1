import { isJsonObject, type Json } from "../../model/json/json.ts";
import { argumentsField, type StateNode } from "./machine.ts";

/** The text between `{%` and `%}` of a JSONata string; undefined for a constant. */
export function jsonataExpression(value: Json | undefined): string | undefined {
  return typeof value === "string" && value.length >= 4 && value.startsWith("{%") && value.endsWith("%}")
    ? value.slice(2, -2).trim()
    : undefined;
}

/** Fields that hold states. Their expressions belong to those states. */
const STATE_FIELDS = new Set(["Branches", "ItemProcessor", "Iterator", "States"]);

/** Every value in a state's own fields with its path, except the values of nested states. */
export function* valuesOf(
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

/** The strings in a state's own fields that are evaluated at run time, in either query language. */
export const expressionsOf = (state: StateNode): string[] =>
  [...valuesOf(state)].map(({ value }) => value).filter(isExpression);

/** The literal string value of a Task's argument; undefined if it is missing or known only at run time. */
export function literalArgument(state: StateNode, name: string): string | undefined {
  const given: Json | undefined = state.body[argumentsField(state)];
  if (!isJsonObject(given) || Object.hasOwn(given, `${name}.$`)) return undefined;
  const value = given[name];
  return typeof value === "string" && jsonataExpression(value) === undefined ? value : undefined;
}
