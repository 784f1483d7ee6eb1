import { isJsonObject } from "../../model/json/json.ts";

/** Functions that inspect a value and create none. */
const TAME_FUNCTIONS: ReadonlySet<string> = new Set(["type", "exists", "not", "boolean", "count"]);
const TAME_TYPES = new Set([
  ...["path", "name", "string", "number", "value", "variable"],
  ...["binary", "unary", "condition", "block", "bind", "function"],
]);
const LITERALS = new Set(["string", "number", "value"]);
/** Functions and operators that compare whole values. */
const COMPARISONS = new Set(["=", "!=", "<", "<=", ">", ">=", "in"]);

export type Node = Readonly<Record<string, unknown>>;

const typeOf = (node: unknown): unknown => (isJsonObject(node) ? node["type"] : undefined);
const children = (node: Node): Node[] =>
  Object.values(node)
    .flat(2)
    .filter((child): child is Node & Record<string, never> => isJsonObject(child));

/**
 * Whether an expression's syntax tree bounds its time and memory by the size of its input and its text: it only
 * follows names and combines what it finds. No loops (functions, filters other than a fixed index, `..`, wildcards), no regular expressions; with a
 * variable, which could double a value line by line, nothing that reads a value as a whole. `functions`: those that it may call.
 */
export function isTame(ast: unknown, functions = TAME_FUNCTIONS): boolean {
  const all = nodesOf(ast);
  const binds = all.some((node) => node["type"] === "bind");
  return all.every((node) => isTameNode(node, binds, functions));
}

/** Returns the nodes of a syntax tree. */
export function nodesOf(ast: unknown): Node[] {
  const found: Node[] = [];
  const open = isJsonObject(ast) ? [ast as Node] : [];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    found.push(node);
    open.push(...children(node));
  }
  return found.filter(({ type }) => type !== undefined);
}

function isTameNode(node: Node, binds: boolean, functions: ReadonlySet<string>): boolean {
  const { type, value } = node;
  if (type === "filter") return typeOf(node["expr"]) === "number";
  if (!TAME_TYPES.has(String(type))) return false;
  if (["group", "predicate", "focus", "index", "nextFunction"].some((key) => key in node)) return false;
  if (type === "path") return isTamePath(node);
  if (type === "function") return isTameCall(node, functions);
  if (type === "unary") return !binds || value === "-";
  if (type !== "binary") return true;
  if (value === "..") return false;
  const literal = LITERALS.has(String(typeOf(node["lhs"]))) || LITERALS.has(String(typeOf(node["rhs"])));
  return !binds || !COMPARISONS.has(String(value)) || literal;
}

/** A path of names; its first step can be any tame expression. */
function isTamePath({ steps }: Node): boolean {
  return Array.isArray(steps) && steps.slice(1).every((step) => typeOf(step) === "name");
}

function isTameCall({ procedure }: Node, functions: ReadonlySet<string>): boolean {
  return typeOf(procedure) === "variable" && functions.has(String((procedure as Node)["value"]));
}
