import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import type { Report } from "./problems.ts";

/** Step Functions' quota for a definition's text, in bytes. */
export const MAX_DEFINITION_BYTES = 1024 * 1024;

const INVALID_UNICODE =
  "The definition contains half of a surrogate pair, which is not valid Unicode. Write the whole character.";

/** The maximum depth of the JSON. A Parallel or Map takes four levels, so about fifty can be nested. */
const MAX_LEVELS = 200;

/**
 * Returns a copy of the definition as plain JSON, within the size quota, and shallow enough for recursion. Otherwise reports
 * the reason and returns undefined.
 */
export function plainObject(value: unknown, report: Report): JsonObject | undefined {
  const rejected = (message: string): undefined => {
    report("", message);
  };
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    return rejected(
      "The definition cannot be written as JSON: it is nested too deeply or contains a value that JSON does not support.",
    );
  }
  if (text === undefined) return rejected("The definition must be a JSON object.");
  if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES)
    return rejected(
      `The definition exceeds ${MAX_DEFINITION_BYTES} bytes, the quota of Step Functions. Split it into several flows.`,
    );
  const parsed: Json = JSON.parse(text);
  if (!isJsonObject(parsed)) return rejected("The definition must be a JSON object.");
  return isTame(parsed, report) ? parsed : undefined;
}

function isTame(root: JsonObject, report: Report): boolean {
  const open: { value: Json; level: number }[] = [{ value: root, level: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, level } = next;
    if (typeof value === "string" && !value.isWellFormed()) {
      report("", INVALID_UNICODE);
      return false;
    }
    if (typeof value !== "object" || value === null) continue;
    if (level > MAX_LEVELS) {
      report("", `The definition is nested more than ${MAX_LEVELS} levels deep.`);
      return false;
    }
    // JSON can contain this key as an own property, but assigning it later would set a prototype.
    if (!Array.isArray(value) && Object.hasOwn(value, "__proto__")) {
      report("", "The key __proto__ is not supported. Rename it.");
      return false;
    }
    if (!Object.keys(value).every((key) => key.isWellFormed())) {
      report("", INVALID_UNICODE);
      return false;
    }
    for (const child of Object.values(value)) open.push({ value: child, level: level + 1 });
  }
  return true;
}
