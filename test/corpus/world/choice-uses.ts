import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import { ABSENT, type Kind, type Use, usesOfPath } from "./paths.ts";

/** Returns the values that the rules of a JSONPath Choice distinguish. */
export function usesOfRule(rule: JsonObject): Use[] {
  const { And: and, Or: or, Not: not, Variable: variable } = rule;
  const inner = [...list(and), ...list(or), ...(not === undefined ? [] : [not])].filter(isJsonObject);
  const own =
    typeof variable === "string"
      ? Object.entries(rule).flatMap(([operator, operand]) => usesOfComparison(variable, operator, operand))
      : [];
  return [...own, ...inner.flatMap(usesOfRule)];
}

const list = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

function usesOfComparison(variable: string, operator: string, operand: Json): Use[] {
  const [, type, comparison = ""] = /^(String|Numeric|Boolean|Timestamp)(.*)$/.exec(operator) ?? [];
  if (type === undefined) return usesOfTest(variable, operator);
  const kind = KINDS[type] ?? "any";
  if (comparison.endsWith("Path"))
    return [...usesOfPath(variable, kind), ...(typeof operand === "string" ? usesOfPath(operand, kind) : [])];
  return usesOfPath(variable, kind, distinct(type, comparison, operand));
}

const KINDS: Readonly<Record<string, Kind>> = {
  Numeric: "number",
  Boolean: "boolean",
  Timestamp: "time",
};

/** Returns one value for each result of the comparison. */
function distinct(type: string, comparison: string, operand: Json): Json[] {
  if (typeof operand === "number")
    return comparison === "Equals" ? [operand, operand + 1] : [operand, operand + 1, operand - 1];
  if (typeof operand === "boolean") return [operand, !operand];
  if (comparison === "Matches") return [String(operand).replaceAll("\\*", "*").replaceAll("*", "x"), "other"];
  return type === "Timestamp" ? [operand] : [operand, "other"];
}

function usesOfTest(variable: string, operator: string): Use[] {
  switch (operator) {
    case "IsPresent":
      return usesOfPath(variable, "any", [ABSENT]);
    case "IsNull":
      return usesOfPath(variable, "any", [null]);
    case "IsNumeric":
      return usesOfPath(variable, "number");
    case "IsBoolean":
      return usesOfPath(variable, "boolean");
    case "IsTimestamp":
      return usesOfPath(variable, "time");
    default:
      return usesOfPath(variable);
  }
}
