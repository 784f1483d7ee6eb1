import type { JsonFault } from "./json-check.ts";

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const isNumberStart = (code: number): boolean => code === 0x2d || (code >= 0x30 && code <= 0x39);
/** Fifteen significant digits without an exponent always survive. */
const SHORT = 15;

/** Returns the index after the string that begins at `start`. */
const endOfString = (text: string, start: number): number => {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at + 1;
  }
  return text.length;
};

const numberAt = (text: string, start: number): string => {
  NUMBER.lastIndex = start;
  return NUMBER.exec(text)?.[0] ?? text.charAt(start);
};

/**
 * Returns the exact value of a decimal literal: its digits without leading and trailing zeros, and the power of ten of the last
 * one.
 */
const decimal = (literal: string): string => {
  const [, whole = "", fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(literal) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${significant}e${power}`;
};

/** Whether JavaScript reads exactly the number that the literal represents. */
const survives = (literal: string): boolean => {
  if (literal.length <= SHORT && !/[eE]/.test(literal)) return true;
  const value = Number(literal);
  return Number.isFinite(value) && decimal(literal) === decimal(String(value));
};

/** Returns the first number that does not survive, and its offset. The text must be valid JSON. */
export const firstRounded = (text: string): { at: number; literal: string } | undefined => {
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at);
    else if (isNumberStart(code)) {
      const literal = numberAt(text, at);
      if (!survives(literal)) return { at, literal };
      at += literal.length;
    } else at += 1;
  }
  return undefined;
};

/** Returns the path of the value that begins at `target`. */
const pathTo = (text: string, target: number): string => {
  const open: (string | number)[] = [];
  let key: string | undefined;
  for (let at = 0; at < target; ) {
    const char = text.charAt(at);
    const last = open.length - 1;
    const place = open[last];
    if (char === '"') {
      const end = endOfString(text, at);
      if (key === undefined && typeof place === "string") key = JSON.parse(text.slice(at, end)) as string;
      at = end;
      continue;
    }
    if (char === ":" && key !== undefined) open[last] = key;
    if (char === "{") open.push("");
    if (char === "[") open.push(0);
    if (char === "}" || char === "]") open.pop();
    if (char === ",") {
      key = undefined;
      if (typeof place === "number") open[last] = place + 1;
    }
    if (char === "{") key = undefined;
    at += 1;
  }
  return open.reduce<string>((path, part) => {
    if (typeof part === "number") return `${path}[${part}]`;
    return path === "" ? part : `${path}.${part}`;
  }, "");
};

/**
 * Returns the first number in a JSON text that JavaScript would round, such as 9007199254740993; undefined if every number
 * survives. A rounded number would be stored and executed as another one. The text must be valid JSON.
 */
export const numberFault = (text: string): JsonFault | undefined => {
  const found = firstRounded(text);
  if (found === undefined) return undefined;
  const { at, literal } = found;
  const message = Number.isFinite(Number(literal))
    ? `is a number that would be rounded to ${Number(literal)}. Send it as a string.`
    : "is a number out of range";
  return { path: pathTo(text, at), message };
};
