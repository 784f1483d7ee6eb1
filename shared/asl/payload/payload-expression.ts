import jsonata from "jsonata";
import { pathError } from "../checks/json-path.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import { isTame, type Node, nodesOf } from "./tame-expression.ts";

/** Characters. */
const MAX_EXPRESSION = 1_000;

/** Functions that create no more than their arguments contain. */
const FUNCTIONS: ReadonlySet<string> = new Set([
  ...["string", "number", "length", "uppercase", "lowercase", "trim"],
  ...["substring", "substringBefore", "substringAfter"],
  ...["type", "exists", "not", "boolean", "count"],
]);

/**
 * Returns why a text is not an expression of the payload, or undefined if it is one: a JSONPath to one value, or a JSONata expression of
 * `$states.input`. Sluice evaluates it at each dispatch, so its time must be bounded by the payload's size: no loops, no functions of its own.
 */
export function payloadExpressionError(text: string): string | undefined {
  if (text.length > MAX_EXPRESSION) return `It can have at most ${MAX_EXPRESSION} characters.`;
  const expression = jsonataExpression(text);
  if (expression !== undefined) return jsonataError(expression);
  const error = pathError(text, { reference: true, inputOnly: true });
  return error === undefined ? undefined : `Not a JSONPath of the payload: ${error}`;
}

function jsonataError(expression: string): string | undefined {
  let ast: unknown;
  try {
    ast = jsonata(expression).ast();
  } catch (error) {
    const why = typeof error === "object" && error !== null && "message" in error ? error.message : error;
    return `This JSONata expression has a syntax error: ${String(why)}`;
  }
  const names = [...FUNCTIONS].map((name) => `$${name}`).join(", ");
  if (nodesOf(ast).some(({ type }) => type === "bind") || !isTame(ast, FUNCTIONS))
    return `This JSONata expression can only follow names and fixed indexes, compare and combine values, and call ${names}.`;
  return readsOnlyInput(ast)
    ? undefined
    : "This JSONata expression must read the payload, as in {% $states.input.order.id %}.";
}

/** Whether each value that the expression reads is in `$states.input`, and there is one. */
function readsOnlyInput(ast: unknown): boolean {
  const all = nodesOf(ast);
  const procedures = new Set(all.map(({ procedure }) => procedure));
  const paths = all.filter(({ type }) => type === "path");
  const roots = new Set(
    paths.map(({ steps }) => steps as readonly Node[]).flatMap((steps) => (isInput(steps) ? steps : [])),
  );
  const reads = all.filter((node) => ["variable", "name"].includes(String(node["type"])));
  return roots.size > 0 && reads.every((node) => procedures.has(node) || roots.has(node));
}

const isInput = ([root, input]: readonly Node[]): boolean =>
  root?.["type"] === "variable" && root["value"] === "states" && input?.["value"] === "input";
