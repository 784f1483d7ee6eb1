import { cutText } from "./text.ts";

/** The reason why a JSON value is not accepted. */
export interface JsonFault {
  readonly path: string;
  readonly message: string;
}

/** Deeper values are rejected, since DynamoDB, Lambda and Step Functions read JSON recursively. */
const MAX_DEPTH = 500;

const join = (path: string, key: string | number): string => {
  if (typeof key === "number") return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
};
const textFault = (text: string): string | undefined =>
  text.isWellFormed() ? undefined : "contains half of a surrogate pair, which is not valid Unicode";

/**
 * Returns the first value in a parsed body that could not be passed on as it was sent: invalid Unicode, or nesting beyond 500
 * levels. `numberFault` checks the numbers, in the text. Iterative, so that no depth can exhaust the stack.
 */
export const jsonFault = (root: unknown): JsonFault | undefined => {
  const open: { value: unknown; path: string; depth: number }[] = [{ value: root, path: "", depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path, depth } = next;
    if (depth > MAX_DEPTH)
      return { path: cutText(path, 200), message: `is nested deeper than ${MAX_DEPTH} levels` };
    if (typeof value === "string") {
      const message = textFault(value);
      if (message !== undefined) return { path, message };
    }
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        open.push({ value: item, path: join(path, index), depth: depth + 1 });
      });
      continue;
    }
    for (const [key, item] of Object.entries(value)) {
      if (textFault(key) !== undefined)
        return { path, message: "has a field whose name is not valid Unicode" };
      open.push({ value: item, path: join(path, key), depth: depth + 1 });
    }
  }
  return undefined;
};
