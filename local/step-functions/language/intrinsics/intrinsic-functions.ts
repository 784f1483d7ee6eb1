import { randomInt, randomUUID } from "node:crypto";
import { isJsonObject, type Json } from "../../../../shared/model/json/json.ts";
import { digest, seededFraction } from "../values/digest.ts";
import { plainJson } from "../values/plain-json.ts";

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
function formatted(template: string, values: readonly Json[]): string | undefined {
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

/** Returns undefined for arguments that the function does not accept. */
type Intrinsic = (...given: Json[]) => Json | undefined;

/** Functions whose output can repeat their arguments: the size is checked before the text is built. */
const writers = new Set(["States.Format", "States.JsonToString"]);
const maximumText = 10_000;
const maximumRange = 1_000;
const int32 = (value: number) => value >= -(2 ** 31) && value < 2 ** 31;

/** Returns a string that is equal for equal JSON values, regardless of the order of their keys. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${fields.sort().join()}}`;
}

function range(from: Json | undefined, to: Json | undefined, by: Json | undefined): Json | undefined {
  if (typeof from !== "number" || typeof to !== "number" || typeof by !== "number") return undefined;
  // The service truncates fractions, although its documentation says that it rounds.
  const [start, end, step] = [Math.trunc(from), Math.trunc(to), Math.trunc(by)];
  const count = Math.floor((end - start) / step) + 1;
  if (step === 0 || count > maximumRange) return undefined;
  return Array.from({ length: Math.max(0, count) }, (_, at) => start + at * step);
}

function random(from: Json | undefined, to: Json | undefined, seed: Json | undefined): Json | undefined {
  if (typeof from !== "number" || typeof to !== "number") return undefined;
  const [start, end] = [Math.trunc(from), Math.trunc(to)];
  if (start >= end || !int32(start) || !int32(end)) return undefined;
  if (seed === undefined) return randomInt(start, end);
  return typeof seed === "number" ? start + Math.floor(seededFraction(seed) * (end - start)) : undefined;
}

function partition(array: Json | undefined, size: Json | undefined): Json | undefined {
  if (!Array.isArray(array) || typeof size !== "number" || size < 1) return undefined;
  const chunk = Math.trunc(size);
  return Array.from({ length: Math.ceil(array.length / chunk) }, (_, at) =>
    array.slice(at * chunk, (at + 1) * chunk),
  );
}

/** Like Java's StringTokenizer: every character of `delimiters` is a separator, and there are no empty results. */
function tokens(text: string, delimiters: string): string[] {
  const separators = new Set(delimiters);
  const found: string[] = [];
  let token = "";
  for (const char of text) {
    if (!separators.has(char)) token += char;
    else {
      if (token !== "") found.push(token);
      token = "";
    }
  }
  return token === "" ? found : [...found, token];
}

function fromJsonText(text: string): Json | undefined {
  // As recorded from the service: a blank string is null, and -0 is 0.
  if (text.trim() === "") return null;
  try {
    const value: Json = JSON.parse(text);
    return value === 0 ? 0 : value;
  } catch {
    return undefined;
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=?|[A-Za-z0-9+/]{2})?$/;
const shortText = (value: Json | undefined): value is string =>
  typeof value === "string" && value.length <= maximumText;

/** By name: the minimum and maximum number of arguments, and the function. */
const table: Record<string, readonly [least: number, most: number, run: Intrinsic]> = {
  Format: [
    1,
    Infinity,
    (template, ...values) => (typeof template === "string" ? formatted(template, values) : undefined),
  ],
  StringToJson: [1, 1, (text) => (typeof text === "string" ? fromJsonText(text) : undefined)],
  JsonToString: [1, 1, (value) => JSON.stringify(value)],
  Array: [0, Infinity, (...values) => values],
  ArrayPartition: [2, 2, partition],
  ArrayContains: [
    2,
    2,
    (array, value = null) => {
      const wanted = canonical(value);
      return Array.isArray(array) ? array.some((item) => canonical(item) === wanted) : undefined;
    },
  ],
  ArrayRange: [3, 3, range],
  ArrayGetItem: [
    2,
    2,
    (array, at) => (Array.isArray(array) && typeof at === "number" ? array[Math.trunc(at)] : undefined),
  ],
  ArrayLength: [1, 1, (array) => (Array.isArray(array) ? array.length : undefined)],
  ArrayUnique: [
    1,
    1,
    (array) =>
      Array.isArray(array)
        ? [...new Map(array.toReversed().map((item) => [canonical(item), item])).values()].reverse()
        : undefined,
  ],
  Base64Encode: [
    1,
    1,
    (text) => (shortText(text) ? Buffer.from(text, "utf8").toString("base64") : undefined),
  ],
  Base64Decode: [
    1,
    1,
    (text) =>
      shortText(text) && base64.test(text) ? Buffer.from(text, "base64").toString("utf8") : undefined,
  ],
  Hash: [
    2,
    2,
    (text, algorithm) =>
      shortText(text) && typeof algorithm === "string" ? digest(text, algorithm) : undefined,
  ],
  JsonMerge: [
    3,
    3,
    (first, second, deep) =>
      // The service supports only shallow merging.
      isJsonObject(first) && isJsonObject(second) && deep === false ? { ...first, ...second } : undefined,
  ],
  MathRandom: [2, 3, random],
  MathAdd: [
    2,
    2,
    (first, second) => {
      if (typeof first !== "number" || typeof second !== "number") return undefined;
      // As recorded from the service: each number is rounded, with halves rounded up, before they are added.
      const [a, b] = [Math.round(first), Math.round(second)];
      return int32(a) && int32(b) && int32(a + b) ? a + b || 0 : undefined;
    },
  ],
  StringSplit: [
    2,
    2,
    (text, delimiters) =>
      typeof text === "string" && typeof delimiters === "string" ? tokens(text, delimiters) : undefined,
  ],
  UUID: [0, 0, () => randomUUID()],
};

const functions = new Map(
  Object.entries(table).map(([name, [least, most, run]]) => [`States.${name}`, { least, most, run }]),
);

/** Calls an intrinsic function; undefined if there is no such function or it does not accept the arguments. */
export function callIntrinsic(name: string, given: readonly Json[]): Json | undefined {
  const found = functions.get(name);
  if (found === undefined || given.length < found.least || given.length > found.most) return undefined;
  try {
    if (writers.has(name)) plainJson(given);
    return found.run(...given);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
