import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { lookUp, pathExists } from "./jsonpath/jsonpath.ts";
import { parseTimestamp } from "./values/timestamp.ts";
import { type Scope, StatesError } from "./values/types.ts";

type Compare = (variable: Json, value: Json) => boolean;

const asText = (value: Json) => (typeof value === "string" ? value : undefined);
const asNumber = (value: Json) => (typeof value === "number" ? value : undefined);
const asTime = (value: Json) => (typeof value === "string" ? parseTimestamp(value) : undefined);

/** A comparison between different types is false, not an error (as recorded from the service). */
const ordered =
  <T extends string | number | bigint>(
    read: (value: Json) => T | undefined,
    holds: (a: T, b: T) => boolean,
  ): Compare =>
  (variable, value) => {
    const [a, b] = [read(variable), read(value)];
    return a !== undefined && b !== undefined && holds(a, b);
  };

const orderings = <T extends string | number | bigint>(
  prefix: string,
  read: (value: Json) => T | undefined,
) => ({
  [`${prefix}Equals`]: ordered(read, (a, b) => a === b),
  [`${prefix}LessThan`]: ordered(read, (a, b) => a < b),
  [`${prefix}GreaterThan`]: ordered(read, (a, b) => a > b),
  [`${prefix}LessThanEquals`]: ordered(read, (a, b) => a <= b),
  [`${prefix}GreaterThanEquals`]: ordered(read, (a, b) => a >= b),
});

const comparisons = new Map<string, Compare>(
  Object.entries({
    ...orderings("String", asText),
    ...orderings("Numeric", asNumber),
    ...orderings("Timestamp", asTime),
    BooleanEquals: (variable: Json, value: Json) => typeof variable === "boolean" && variable === value,
  }),
);

const tests = new Map<string, Compare>(
  Object.entries({
    IsNull: (variable: Json, expected: Json) => (variable === null) === expected,
    IsString: (variable: Json, expected: Json) => (typeof variable === "string") === expected,
    IsNumeric: (variable: Json, expected: Json) => (typeof variable === "number") === expected,
    IsBoolean: (variable: Json, expected: Json) => (typeof variable === "boolean") === expected,
    IsTimestamp: (variable: Json, expected: Json) => (asTime(variable) !== undefined) === expected,
    StringMatches: (variable: Json, pattern: Json) =>
      typeof variable === "string" && typeof pattern === "string" && matchesPattern(variable, pattern),
  }),
);

function valueAt(path: string, scope: Scope): Json {
  const found = lookUp(path, scope);
  if (found.kind === "found") return found.value;
  throw new StatesError(
    "States.Runtime",
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );
}

function dataTest(rule: JsonObject, scope: Scope): boolean {
  const path = rule["Variable"];
  if (typeof path !== "string") throw new StatesError("States.Runtime", "A choice rule has no Variable");
  for (const [operator, operand] of Object.entries(rule)) {
    if (operator === "IsPresent") return pathExists(path, scope) === operand;
    const compare = comparisons.get(operator) ?? tests.get(operator);
    if (compare !== undefined) return compare(valueAt(path, scope), operand);
    const byPath = operator.endsWith("Path") ? comparisons.get(operator.slice(0, -"Path".length)) : undefined;
    if (byPath !== undefined && typeof operand === "string") {
      return byPath(valueAt(path, scope), valueAt(operand, scope));
    }
  }
  throw new StatesError("States.Runtime", `The choice rule for '${path}' has no comparison operator`);
}

const rulesOf = (value: Json): JsonObject[] => (Array.isArray(value) ? value.filter(isJsonObject) : []);

/**
 * Whether a rule of a JSONPath Choice state matches. And and Or stop at the first rule that decides, so a rule behind an
 * IsPresent can name a missing value; elsewhere a Variable without a value is States.Runtime.
 */
export function evaluateChoiceRule(rule: JsonObject, scope: Scope): boolean {
  const { And: all, Or: any, Not: none } = rule;
  if (all !== undefined) return rulesOf(all).every((inner) => evaluateChoiceRule(inner, scope));
  if (any !== undefined) return rulesOf(any).some((inner) => evaluateChoiceRule(inner, scope));
  if (isJsonObject(none)) return !evaluateChoiceRule(none, scope);
  return dataTest(rule, scope);
}

type Piece = { readonly any: true } | { readonly any: false; readonly char: string };

/** Parses a pattern: `*` stands for any characters, `\*` for an asterisk, `\\` for a backslash (Amazon States Language, StringMatches). */
function pieces(pattern: string): Piece[] {
  const result: Piece[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at);
    const next = pattern.charAt(at + 1);
    if (char === "\\" && (next === "*" || next === "\\")) {
      result.push({ any: false, char: next });
      at += 1;
    } else result.push(char === "*" ? { any: true } : { any: false, char });
  }
  return result;
}

/** Whether the whole string matches the pattern. Only the last `*` is ever retried, so no pattern can stall the process. */
function matchesPattern(text: string, pattern: string): boolean {
  const parts = pieces(pattern);
  let [at, part, star, retry] = [0, 0, -1, 0];
  while (at < text.length) {
    const piece = parts[part];
    if (piece?.any === true) {
      star = part;
      retry = at;
      part += 1;
    } else if (piece !== undefined && piece.char === text.charAt(at)) {
      at += 1;
      part += 1;
    } else if (star >= 0) {
      retry += 1;
      at = retry;
      part = star + 1;
    } else return false;
  }
  return parts.slice(part).every((piece) => piece.any);
}
