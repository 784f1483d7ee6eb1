import type { Json } from "../../model/json/json.ts";

/** A piece of JSONata, without the `{% %}` around it. */
export type Expression = string;

/**
 * A constant as JSONata. JSON is JSONata already; a percent sign is escaped, since `%}` ends an expression
 * wherever Step Functions finds it.
 */
export const constant = (value: Json): Expression => JSON.stringify(value).replaceAll("%", "\\u0025");

/** As a string of the Amazon States Language. */
export const asTemplate = (expression: Expression): string => `{% ${expression} %}`;

/**
 * An object constructor. JSONata leaves out a field whose value is undefined, which is what makes
 * optional fields possible here: as a field of a template it would be an error.
 */
export function object(fields: Readonly<Record<string, Expression | undefined>>): Expression {
  const given = Object.entries(fields).flatMap(([key, value]) =>
    value === undefined ? [] : [`${constant(key)}:${value}`],
  );
  return `{${given.join(",")}}`;
}

/** The value if it is of this type, else undefined. */
export const only = (type: "number" | "string", expression: Expression): Expression =>
  `($sluiceValue := (${expression}); $type($sluiceValue) = "${type}" ? $sluiceValue)`;

/** String concatenation. */
export const concat = (parts: readonly (string | { readonly expression: Expression })[]): Expression =>
  parts.map((part) => (typeof part === "string" ? constant(part) : part.expression)).join(" & ");
