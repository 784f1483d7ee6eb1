import { digest } from "./ids.ts";
import type { Json } from "./json/json.ts";

const sorted = (value: Json): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  // A list of pairs, since `__proto__` and numeric keys have a special meaning in objects.
  return {
    object: Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  };
};

/** Returns a hash of 16 hex digits, equal for JSON values that differ only in the order of their fields. */
export const contentHash = (value: Json): string => digest("content", JSON.stringify(sorted(value)));
