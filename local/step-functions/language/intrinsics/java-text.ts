import type { Json } from "../../../../shared/model/json/json.ts";

/** A value as States.Format prints it: strings without quotes, objects and arrays like Java's toString (as recorded from the service). */
function javaText(value: Json): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(javaText).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `${key}=${javaText(inner)}`)
    .join(", ")}}`;
}

/**
 * A States.Format template with its `{}` filled in order; `\{`, `\}`, `\'` and `\\` are literal characters. Undefined if
 * the number of values differs from that of the placeholders, or a brace is unmatched.
 */
export function formatted(template: string, values: readonly Json[]): string | undefined {
  let used = 0;
  let wrong = false;
  const text = template.replace(/\\(['{}\\])|\{\}|[{}]/g, (found, escapedChar: string | undefined) => {
    if (escapedChar !== undefined) return escapedChar;
    const value = found === "{}" ? values[used] : undefined;
    if (value === undefined) wrong = true;
    used += 1;
    return value === undefined ? "" : javaText(value);
  });
  return wrong || used !== values.length ? undefined : text;
}
