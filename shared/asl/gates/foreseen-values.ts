import { isJsonObject, type Json } from "../../model/json/json.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import type { StateNode } from "../parse/machine.ts";
import { constant, type Expression, only } from "./jsonata-text.ts";

/** A value that a state's field will have, as JSONata for the gate before that state. */
export interface Foreseen {
  readonly expression: Expression;
  /** Whether evaluation can fail, because it is the user's own expression or reads the user's variables. */
  readonly mayFail: boolean;
}

const STEP =
  /\.([\p{ID_Start}_][\p{ID_Continue}-]*)|\[\s*'([^'\\`]+)'\s*\]|\[\s*"([^"\\`]+)"\s*\]|\[\s*(\d{1,9})\s*\]/uy;
const ROOT = /^\$\$|^\$([\p{ID_Start}_][\p{ID_Continue}]*)?/u;

interface ReferencePath {
  /** `$` for the input, `$$` for the context object, otherwise a variable. */
  readonly root: string;
  readonly steps: readonly (string | number)[];
}

/** Parses a JSONPath of fields and indexes; undefined for filters, wildcards, slices and intrinsic functions. */
export function referencePath(text: string): ReferencePath | undefined {
  const root = ROOT.exec(text)?.[0];
  if (root === undefined) return undefined;
  const steps: (string | number)[] = [];
  let at = root.length;
  while (at < text.length) {
    STEP.lastIndex = at;
    const found = STEP.exec(text);
    if (found === null) return undefined;
    const [whole, dotted, single, double, index] = found;
    steps.push(index === undefined ? (dotted ?? single ?? double ?? "") : Number(index));
    at += whole.length;
  }
  return { root, steps };
}

/** JSONata's lookups return undefined if JSONPath would fail. Only an unassigned variable can fail. */
function asJsonata({ root, steps }: ReferencePath, state: StateNode): Foreseen | undefined {
  if (root === "$$" && steps[0] === "State") {
    // The gate has its own `$$.State`; only the name is known.
    return steps.length === 2 && steps[1] === "Name"
      ? { expression: constant(state.name), mayFail: false }
      : undefined;
  }
  if (root === "$$" && !["Execution", "StateMachine", "Map"].includes(String(steps[0]))) return undefined;
  const start = root === "$" ? "$states.input" : root === "$$" ? "$states.context" : root;
  const rest = steps.map((step) => (typeof step === "number" ? `[${step}]` : `.\`${step}\``)).join("");
  return { expression: start + rest, mayFail: root !== "$" && root !== "$$" };
}

/** The value that a reference path in the state will have, after InputPath. */
function foreseePath(text: string, state: StateNode): Foreseen | undefined {
  const path = referencePath(text);
  if (path === undefined || path.root !== "$") return path && asJsonata(path, state);
  const { InputPath: inputPath = "$" } = state.body;
  if (typeof inputPath !== "string") return undefined;
  const input = referencePath(inputPath);
  return input && asJsonata({ root: input.root, steps: [...input.steps, ...path.steps] }, state);
}

/** The user's JSONata can be evaluated one state earlier, unless it reads the state that contains it. */
function foreseeJsonata(expression: string): Foreseen | undefined {
  const readsItsState =
    /\$states(?!\s*\.\s*input\b|\s*\.\s*context\s*\.\s*(Execution|StateMachine|Map)\b)/.test(expression);
  return readsItsState ? undefined : { expression, mayFail: true };
}

/**
 * The value of `field` (or, in JSONPath, of `<field>Path`) if it has the given type. Undefined if the state has no such
 * field, or if the value cannot be known before the state is entered.
 */
export function foresee(state: StateNode, field: string, type: "number" | "string"): Foreseen | undefined {
  const literal: Json | undefined = state.body[field];
  const path: Json | undefined = state.language === "JSONPath" ? state.body[`${field}Path`] : undefined;
  if (typeof path === "string") return guarded(foreseePath(path, state), type);
  if (literal === undefined || isJsonObject(literal)) return undefined;
  const expression = state.language === "JSONata" ? jsonataExpression(literal) : undefined;
  if (expression !== undefined) return guarded(foreseeJsonata(expression), type);
  return typeof literal === type ? { expression: constant(literal), mayFail: false } : undefined;
}

const guarded = (value: Foreseen | undefined, type: "number" | "string"): Foreseen | undefined =>
  value && { ...value, expression: only(type, value.expression) };
