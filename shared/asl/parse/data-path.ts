import { isJsonObject, type Json } from "../../model/json/json.ts";
import { jsonataExpression } from "./expressions.ts";
import type { Expression } from "./jsonata-text.ts";
import { constant, only } from "./jsonata-text.ts";
import type { StateNode } from "./machine.ts";

/** A value that a state's field will have, as JSONata for a gate before that state. */
export interface Foreseen {
  readonly expression: Expression;
  /** True when it may fail at the run, because it is the user's own or reads the user's variables. */
  readonly mayFail: boolean;
}

const STEP =
  /\.([\p{ID_Start}_][\p{ID_Continue}-]*)|\[\s*'([^'\\`]+)'\s*\]|\[\s*"([^"\\`]+)"\s*\]|\[\s*(\d{1,9})\s*\]/uy;
const ROOT = /^\$\$|^\$([\p{ID_Start}_][\p{ID_Continue}]*)?/u;

interface ReferencePath {
  /** `$` input, `$$` context, else a variable. */
  readonly root: string;
  readonly steps: readonly (string | number)[];
}

/** A JSONPath of fields and indexes alone; undefined for filters, wildcards, slices and intrinsic functions. */
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

/** JSONata's lookups give undefined where JSONPath would fail, so this never fails; a variable may still be unassigned. */
function asJsonata({ root, steps }: ReferencePath, state: StateNode): Foreseen | undefined {
  if (root === "$$" && steps[0] === "State") {
    // The gate is a state of its own; only the name can be foreseen.
    return steps.length === 2 && steps[1] === "Name"
      ? { expression: constant(state.name), mayFail: false }
      : undefined;
  }
  if (root === "$$" && !["Execution", "StateMachine", "Map"].includes(String(steps[0]))) return undefined;
  const start = root === "$" ? "$states.input" : root === "$$" ? "$states.context" : root;
  const rest = steps.map((step) => (typeof step === "number" ? `[${step}]` : `.\`${step}\``)).join("");
  return { expression: start + rest, mayFail: root !== "$" && root !== "$$" };
}

/** What a reference path of the state's field will read, InputPath included. */
function foreseePath(text: string, state: StateNode): Foreseen | undefined {
  const path = referencePath(text);
  if (path === undefined || path.root !== "$") return path && asJsonata(path, state);
  const { InputPath: inputPath = "$" } = state.body;
  if (typeof inputPath !== "string") return undefined;
  const input = referencePath(inputPath);
  return input && asJsonata({ root: input.root, steps: [...input.steps, ...path.steps] }, state);
}

/** The user's JSONata can be evaluated a state earlier, unless it looks at the state that it stands in. */
function foreseeJsonata(expression: string): Foreseen | undefined {
  const readsItsState =
    /\$states(?!\s*\.\s*input\b|\s*\.\s*context\s*\.\s*(Execution|StateMachine|Map)\b)/.test(expression);
  return readsItsState ? undefined : { expression, mayFail: true };
}

/**
 * The value of `field` (or, in JSONPath, of `<field>Path`) when it is of the type wanted.
 * Undefined when the state has no such field or when it cannot be told before the state is entered.
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
