import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import { isJsonObject } from "../../shared/model/json/json.ts";

type Test = (value: Json | undefined) => boolean;

const same =
  (wanted: Json): Test =>
  (value) =>
    value === wanted;
const ofText =
  (holds: (text: string) => boolean): Test =>
  (value) =>
    typeof value === "string" && holds(value);
const lower = (text: string): string => text.toLowerCase();

const COMPARISONS: Readonly<Record<string, (value: number, limit: number) => boolean>> = {
  "=": (value, limit) => value === limit,
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  ">": (value, limit) => value > limit,
  ">=": (value, limit) => value >= limit,
};

const numeric = (parts: Json): Test => {
  if (!Array.isArray(parts) || parts.length === 0 || parts.length % 2 === 1) throw unknown("numeric");
  const limits = Array.from({ length: parts.length / 2 }, (_, n) => {
    const compare = COMPARISONS[String(parts[2 * n])];
    const limit = parts[2 * n + 1];
    if (compare === undefined || typeof limit !== "number") throw unknown("numeric");
    return (value: number) => compare(value, limit);
  });
  return (value) => typeof value === "number" && limits.every((holds) => holds(value));
};

const wildcard = (pattern: string): Test => {
  const expression = new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^]*")}$`,
  );
  return ofText((text) => expression.test(text));
};

const unknown = (what: string): Error =>
  new Error(`The local bus does not know this use of "${what}" in a pattern`);

/** `["a"]`, `{"prefix": "a"}` or a value: whatever `anything-but` excludes. */
const anythingBut = (excluded: Json): Test => {
  const tests = (Array.isArray(excluded) ? excluded : [excluded]).map(testOf);
  return (value) => value !== undefined && !tests.some((test) => test(value));
};

/** One element of a pattern's list. */
const testOf = (rule: Json): Test => {
  if (!isJsonObject(rule)) return same(rule);
  const [[name, wanted] = ["", null], ...more] = Object.entries(rule);
  if (more.length > 0) throw unknown(Object.keys(rule).join());
  if (name === "exists") return (value) => (value !== undefined) === wanted;
  if (name === "anything-but") return anythingBut(wanted);
  if (name === "numeric") return numeric(wanted);
  if (typeof wanted !== "string") throw unknown(name);
  switch (name) {
    case "prefix":
      return ofText((text) => text.startsWith(wanted));
    case "suffix":
      return ofText((text) => text.endsWith(wanted));
    case "equals-ignore-case":
      return ofText((text) => lower(text) === lower(wanted));
    case "wildcard":
      return wildcard(wanted);
    default:
      throw unknown(name);
  }
};

/**
 * Returns the test that an EventBridge pattern describes. Throws if the pattern uses what EventBridge does not have, or `cidr` or `$or`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export const patternTest = (pattern: JsonObject): ((event: JsonObject) => boolean) => {
  const fields = Object.entries(pattern).map(([name, wanted]) => [name, fieldTest(name, wanted)] as const);
  if (fields.length === 0) throw new Error("A pattern must name at least one field");
  return (event) => fields.every(([name, holds]) => holds(event[name]));
};

const fieldTest = (name: string, wanted: Json): Test => {
  if (isJsonObject(wanted)) {
    const inner = patternTest(wanted);
    return (value) => inner(isJsonObject(value) ? value : {});
  }
  if (!Array.isArray(wanted) || name.startsWith("$")) throw unknown(name);
  const tests = wanted.map(testOf);
  const anyOf: Test = (value) => tests.some((test) => test(value));
  // A field that is a list matches if one of its elements does.
  return (value) => (Array.isArray(value) ? value.some(anyOf) : anyOf(value));
};
