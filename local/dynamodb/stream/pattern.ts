import { isJsonObject, type Json } from "../../../shared/model/json/json.ts";

/** A filter pattern of an event source mapping: an object with the event's structure, whose leaves list the accepted values. */
export interface Pattern {
  readonly [name: string]: Pattern | readonly Rule[];
}
type Rule =
  | string
  | { readonly prefix: string }
  | { readonly exists: boolean }
  | { readonly "anything-but": readonly string[] };

/** Matches an event like Lambda (Developer Guide, "Event filtering"), for the rules used here: every leaf must match one of its rules. */
export function matches(pattern: Pattern, value: Json | undefined): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const found = isJsonObject(value) ? value[name] : undefined;
    return isRules(wanted) ? wanted.some((rule) => fits(rule, found)) : matches(wanted, found);
  });
}

const isRules = (wanted: Pattern | readonly Rule[]): wanted is readonly Rule[] => Array.isArray(wanted);

function fits(rule: Rule, value: Json | undefined): boolean {
  if (typeof rule === "string") return value === rule;
  if ("exists" in rule) return (value !== undefined) === rule.exists;
  if (typeof value !== "string") return false;
  return "prefix" in rule ? value.startsWith(rule.prefix) : !rule["anything-but"].includes(value);
}
