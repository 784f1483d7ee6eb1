import type { Json } from "../../model/json/json.ts";

/** JSONata without the enclosing `{% %}`. */
export type Expression = string;

/**
 * A constant as JSONata. JSON is valid JSONata, but percent signs are escaped because Step Functions ends an expression
 * at any `%}`.
 */
export const constant = (value: Json): Expression => JSON.stringify(value).replaceAll("%", "\\u0025");

/** The expression as a string of the Amazon States Language. */
export const asTemplate = (expression: Expression): string => `{% ${expression} %}`;

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

/** The value if it has this type, otherwise undefined. */
export const only = (type: "number" | "string", expression: Expression): Expression =>
  `($sluiceValue := (${expression}); $type($sluiceValue) = "${type}" ? $sluiceValue)`;

/** String concatenation. */
export const concat = (parts: readonly (string | { readonly expression: Expression })[]): Expression =>
  parts.map((part) => (typeof part === "string" ? constant(part) : part.expression)).join(" & ");
