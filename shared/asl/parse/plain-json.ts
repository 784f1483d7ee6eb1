import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import type { Report } from "./problems.ts";

/** Step Functions' quota for the text of a definition, in bytes. */
export const MAX_DEFINITION_BYTES = 1024 * 1024;

/** Levels of JSON; a Parallel or Map takes four, so fifty of them may stand inside each other. */
const MAX_LEVELS = 200;

/**
 * A copy of the definition that is known to be plain JSON, small enough and shallow enough for every recursion that follows.
 * Undefined when it is not; the reason is reported.
 */
export function plainObject(value: unknown, report: Report): JsonObject | undefined {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    report(
      "",
      "The definition cannot be written as JSON: it is nested too deeply or holds a value that JSON does not know.",
    );
    return undefined;
  }
  if (text === undefined) {
    report("", "The definition must be a JSON object.");
    return undefined;
  }
  if (Buffer.byteLength(text) > MAX_DEFINITION_BYTES) {
    report(
      "",
      `The definition has more than ${MAX_DEFINITION_BYTES} bytes, which is the most that Step Functions takes.`,
    );
    return undefined;
  }
  const parsed: Json = JSON.parse(text);
  if (!isJsonObject(parsed)) {
    report("", "The definition must be a JSON object.");
    return undefined;
  }
  return isTame(parsed, report) ? parsed : undefined;
}

function isTame(root: JsonObject, report: Report): boolean {
  const open: { value: Json; level: number }[] = [{ value: root, level: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, level } = next;
    if (typeof value !== "object" || value === null) continue;
    if (level > MAX_LEVELS) {
      report("", `The definition is nested more than ${MAX_LEVELS} levels deep.`);
      return false;
    }
    // JSON may carry such a key as a property of its own, but assigning it anywhere later would set a prototype.
    if (!Array.isArray(value) && Object.hasOwn(value, "__proto__")) {
      report("", "A key called __proto__ is not supported; give it another name.");
      return false;
    }
    for (const child of Object.values(value)) open.push({ value: child, level: level + 1 });
  }
  return true;
}
