import jsonata from "jsonata";
import type { Json } from "../../../shared/model/json/json.ts";
import { type Kind, type Segment, type Use, use } from "./paths.ts";

interface Node {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly Node[];
  readonly lhs?: Node | readonly Node[];
  readonly rhs?: Node;
}

const NUMBERS = new Set(["+", "-", "*", "/", "%", "<", "<=", ">", ">=", ".."]);
/** The parts of `$states`. */
const PARTS = new Set(["input", "result", "errorOutput"]);

/** Returns the fields that a JSONata expression reads from its input, from results and from variables. */
export function usesOfJsonata(expression: string, kind: Kind = "any"): Use[] {
  let ast: Node;
  try {
    ast = jsonata(expression).ast() as Node;
  } catch {
    return [];
  }
  const found: Use[] = [];
  const own = pathOf(ast);
  if (own !== undefined) found.push(use(own, kind));
  walk(ast, found);
  return found;
}

function walk(node: unknown, found: Use[]): void {
  if (Array.isArray(node)) for (const item of node) walk(item, found);
  else if (typeof node === "object" && node !== null) {
    const { type, value, lhs, rhs } = node as Node;
    if (type === "path" || type === "variable") {
      const path = pathOf(node as Node);
      if (path !== undefined) found.push(use(path));
    }
    if (type === "binary" && lhs !== undefined && !Array.isArray(lhs) && rhs !== undefined)
      found.push(...usesOfOperator(String(value), lhs as Node, rhs));
    for (const inner of Object.values(node)) walk(inner, found);
  }
}

function usesOfOperator(operator: string, lhs: Node, rhs: Node): Use[] {
  return [
    [lhs, rhs],
    [rhs, lhs],
  ].flatMap(([side, other]) => {
    const path = side && pathOf(side);
    if (path === undefined || other === undefined) return [];
    const literal = literalOf(other);
    if (operator === "=" || operator === "!=")
      return literal === undefined ? [] : [use(path, "any", [literal, otherThan(literal)])];
    if (!NUMBERS.has(operator)) return [];
    return [use(path, "number", typeof literal === "number" ? [literal, literal + 1, literal - 1] : [])];
  });
}

const literalOf = ({ type, value }: Node): Json | undefined =>
  type === "string" || type === "number" || (type === "value" && value !== undefined)
    ? (value as Json)
    : undefined;

const otherThan = (value: Json): Json =>
  typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : "other";

/** The names of a path that begins at `$states` or at a variable. */
function pathOf({ type, value, steps = [] }: Node): Segment[] | undefined {
  if (type === "variable" && typeof value === "string" && value !== "" && value !== "states") return [value];
  const [first, ...rest] = steps;
  if (type !== "path" || first?.type !== "variable" || first.value === "") return undefined;
  const names: Segment[] = [];
  for (const step of rest) {
    if (step.type !== "name") break;
    names.push(String(step.value));
  }
  if (first.value !== "states") return [String(first.value), ...names];
  if (PARTS.has(names[0] ?? "")) return names.slice(1);
  if (names[0] !== "context") return undefined;
  if (names[1] === "Execution" && names[2] === "Input") return names.slice(3);
  return names[1] === "Map" ? names.slice(4) : undefined;
}
