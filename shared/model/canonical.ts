import { digest } from "./ids.ts";
import type { Json } from "./json/json.ts";

const sorted = (value: Json): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  // A list of pairs, since an object would give `__proto__` and numbers a meaning of their own.
  return {
    object: Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  };
};

/** The same for two JSON values that differ in the order of their fields alone: 16 hex digits. */
export const contentHash = (value: Json): string => digest("content", JSON.stringify(sorted(value)));
