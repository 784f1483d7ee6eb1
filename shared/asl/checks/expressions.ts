import jsonata from "jsonata";
import { jsonataExpression, valuesOf } from "../parse/expressions.ts";
import type { Machine } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

/**
 * Parses every JSONata expression, so that an error is reported at publish and not during a run. The rules are those of
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export function checkExpressions(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    if (state.language !== "JSONata") continue;
    for (const { value, path } of valuesOf(state)) {
      if (typeof value !== "string") continue;
      const expression = jsonataExpression(value);
      if (expression !== undefined) {
        const error = expressionError(expression);
        if (error !== undefined) report(path, error);
      } else if (value.startsWith("{%")) {
        report(path, "This JSONata expression is not closed. End it with %}.");
      }
    }
  }
}

function expressionError(expression: string): string | undefined {
  const prefix = "This JSONata expression has a syntax error:";
  if (expression === "") return `${prefix} it is empty.`;
  try {
    return contextError(jsonata(expression).ast() as unknown as Node);
  } catch (error) {
    // jsonata throws plain objects with a message, and a RangeError for deeply nested expressions.
    if (error instanceof RangeError) return `${prefix} it is nested too deeply.`;
    const message: unknown =
      typeof error === "object" && error !== null && "message" in error ? error.message : error;
    return `${prefix} ${String(message)}`;
  }
}

interface Node {
  readonly type?: string;
  readonly value?: unknown;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;

/** Step Functions evaluates expressions without an input document: only variables such as $states have values. */
function contextError(root: Node): string | undefined {
  const open: unknown[] = [root];
  for (let node = open.pop(); node !== undefined || open.length > 0; node = open.pop()) {
    if (!isNode(node)) continue;
    if (node.type === "variable" && node.value === "$")
      return "This JSONata expression reads $$, which Step Functions does not support. Use $states.input.";
    for (const [key, value] of Object.entries(node))
      if (key !== "position" && isNode(value)) open.push(value);
  }
  const name = topLevelName(root);
  return name === undefined
    ? undefined
    : `This JSONata expression reads "${name}", but there is no document at the top level. Use $states.input.${name}, or a variable.`;
}

/**
 * Returns a name that is read from the document, which does not exist. Steps, predicates and functions have contexts of their
 * own.
 */
function topLevelName(node: unknown): string | undefined {
  if (Array.isArray(node)) return node.map(topLevelName).find((name) => name !== undefined);
  if (!isNode(node)) return undefined;
  if (node.type === "path") {
    const [first] = Array.isArray(node["steps"]) ? (node["steps"] as unknown[]) : [];
    return isNode(first) && first.type === "name" ? String(first.value) : topLevelName(first);
  }
  if (node.type === "lambda" || node.type === "transform") return undefined;
  const parts = ["lhs", "rhs", "expression", "expressions", "arguments", "condition", "then", "else"];
  return parts.map((part) => topLevelName(node[part])).find((name) => name !== undefined);
}
