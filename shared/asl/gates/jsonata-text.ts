import type { Json } from "../../model/json/json.ts";

/** JSONata without the enclosing `{% %}`. */
export type Expression = string;

/** A constant as JSONata. */
export function constant(value: Json): Expression {
  if (typeof value === "string") return text(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(constant).join(",")}]`;
  return object(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, constant(item)])));
}

/**
 * A string in single quotes, which need no escapes in the definition's JSON. Percent signs are escaped because Step Functions
 * ends an expression at any `%}`.
 */
const text = (value: string): Expression =>
  `'${JSON.stringify(value)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\u0027")
    .replaceAll("%", "\\u0025")}'`;

/** The expression as a string of the Amazon States Language. */
export const asTemplate = (expression: Expression): string => `{% ${expression} %}`;

/** A constant as a string of the Amazon States Language, which is not taken for an expression. */
export const asLiteral = (text: string): string =>
  text.startsWith("{%") ? asTemplate(constant(text)) : text;

/**
 * An object constructor. JSONata omits fields whose values are undefined, so fields can be optional here. In a template, an
 * undefined value would be an error.
 */
export function object(fields: Readonly<Record<string, Expression | undefined>>): Expression {
  const given = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${constant(key)}:${value}`],
  );
  return `{${given.join(",")}}`;
}

/** An object constructor whose expressions find the fields of `$states` by their bare names, which is shorter. */
export const objectOfStates = (fields: Readonly<Record<string, Expression | undefined>>): Expression =>
  `$states.${object(fields)}`;

/** An expression of `$states` in such an object. */
export const inStates = (expression: Expression): Expression => expression.replace(/^\$states\./, "");

/** The value if it has this type, otherwise undefined. */
export const only = (type: "number" | "string", expression: Expression): Expression =>
  `($sluiceValue:=(${expression});$type($sluiceValue)='${type}'?$sluiceValue)`;

/** String concatenation. */
export const concat = (parts: readonly (string | { readonly expression: Expression })[]): Expression =>
  parts.map((part) => (typeof part === "string" ? constant(part) : part.expression)).join("&");
