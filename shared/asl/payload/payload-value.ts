import { isJsonObject, type Json } from "../../model/json/json.ts";
import { jsonataExpression } from "../parse/expressions.ts";

/**
 * Returns the value of an expression that passed `payloadExpressionError`: a text as it is, a number or a boolean as JSON. Undefined if
 * there is none, if it is empty, or if it is anything else. Never throws.
 */
export async function payloadValue(text: string, payload: Json): Promise<string | undefined> {
  const expression = jsonataExpression(text);
  const value = expression === undefined ? follow(text, payload) : await evaluate(expression, payload);
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

const STEP =
  /\[\s*(?<index>-?\d+)\s*\]|\[\s*(?<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*\]|(?<name>(?:\\.|[^\s.,[\]()'"\\])+)/gsu;

/** Follows a JSONPath to one value. */
function follow(path: string, payload: Json): Json | undefined {
  let value: Json | undefined = payload;
  for (const { groups } of path.trim().slice(1).matchAll(STEP)) {
    const { index, quoted, name = "" } = groups ?? {};
    if (index !== undefined) value = Array.isArray(value) ? value.at(Number(index)) : undefined;
    else value = member(value, quoted === undefined ? unescaped(name) : unescaped(quoted.slice(1, -1)));
  }
  return value;
}

const unescaped = (text: string): string => text.replace(/\\(.)/gsu, "$1");
const member = (value: Json | undefined, name: string): Json | undefined =>
  isJsonObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** The library is large, and few flows need it. */
async function evaluate(expression: string, payload: Json): Promise<unknown> {
  try {
    const { default: jsonata } = await import("jsonata");
    return await jsonata(expression).evaluate(undefined, { states: { input: payload } });
  } catch {
    // Such as the sum of a number and a text.
    return undefined;
  }
}
