import { JSONPath } from "jsonpath-plus";
import type { Json } from "../../../../shared/model/json/json.ts";
import { isJsonObject } from "../../../../shared/model/json/json.ts";
import { withinTime } from "../../../../shared/model/time/time-budget.ts";
import { type Scope, StatesError } from "../values/types.ts";
import { type ParsedPath, parsePath } from "./path-syntax.ts";

/**
 * The result of a path. `beyond`: its last step is an index past the end of an array, which AWS reads as null in a
 * field and as missing in an argument of an intrinsic function.
 */
type Found =
  | { readonly kind: "found"; readonly value: Json }
  | { readonly kind: "beyond" }
  | { readonly kind: "missing"; readonly why: string };

type Step = string | number;
const missing = (why: string): Found => ({ kind: "missing", why });
const printed = (steps: readonly Step[]) =>
  `$${steps.map((step) => (typeof step === "number" ? `[${step}]` : `['${step}']`)).join("")}`;

function rootValue(parsed: ParsedPath, scope: Scope): Json | undefined {
  if (parsed.root.kind === "input") return scope.input;
  if (parsed.root.kind === "context") return scope.context;
  return Object.hasOwn(scope.variables, parsed.root.name) ? scope.variables[parsed.root.name] : undefined;
}

function follow(root: Json, steps: readonly Step[]): Found {
  let value = root;
  for (const [at, step] of steps.entries()) {
    const last = at === steps.length - 1;
    if (typeof step === "number") {
      if (!Array.isArray(value)) {
        return missing(
          `Filter: [${step}] can only be applied to arrays. Current context is: ${JSON.stringify(value)}`,
        );
      }
      const element = value[step < 0 ? value.length + step : step];
      if (element === undefined)
        return last ? { kind: "beyond" } : missing(`No results for path: ${printed(steps)}`);
      value = element;
    } else {
      const next = isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
      if (next === undefined) {
        return missing(
          last
            ? `No results for path: ${printed(steps)}`
            : `Missing property in path ${printed(steps.slice(0, at + 1))}`,
        );
      }
      value = next;
    }
  }
  return { kind: "found", value };
}

/** Milliseconds. `$..*..*..*` finds nested values so often that they exceed the memory, and a filter's pattern can backtrack. */
const LONGEST = 3_000;

// The library returns its input's own objects as `unknown`.
const query = (path: string, json: Json, ignoreEvalErrors: boolean): Json[] =>
  (JSONPath({ path, json, wrap: true, eval: "safe", ignoreEvalErrors }) as Json[] | undefined) ?? [];

/** A filter does not match a value without the member that it reads; any other failure of a filter is an error. */
function select(path: string, json: Json): Json[] {
  try {
    return query(path, json, false);
  } catch (error) {
    if (error instanceof Error && /Cannot read properties of (?:null|undefined)/.test(error.message)) {
      return query(path, json, true);
    }
    throw error;
  }
}

/** Picks the named members of each object. Other values have none. */
const picked = (values: Json[], names: readonly string[] | undefined): Json[] =>
  names === undefined
    ? values
    : values
        .filter(isJsonObject)
        .map((value) =>
          Object.fromEntries(
            names.filter((name) => Object.hasOwn(value, name)).map((name) => [name, value[name] ?? null]),
          ),
        );

/** Follows a path through input, context or variables, without throwing for a missing value. */
export function lookUp(path: string, scope: Scope): Found {
  const parsed = parsePath(path);
  const root = rootValue(parsed, scope);
  if (root === undefined) return missing("The variable is not assigned");
  if (parsed.kind === "indefinite") {
    try {
      const values = withinTime(LONGEST, () => select(parsed.query, root));
      return { kind: "found", value: picked(values, parsed.picks) };
    } catch (error) {
      return missing(error instanceof Error ? error.message : String(error));
    }
  }
  const found = follow(root, parsed.steps);
  if (parsed.picks !== undefined && found.kind === "found") {
    const [value] = picked([found.value], parsed.picks);
    return value === undefined
      ? missing("Several names can only select members of an object")
      : { kind: "found", value };
  }
  if (!parsed.length || found.kind !== "found") return found;
  const { value } = found;
  if (Array.isArray(value)) return { kind: "found", value: value.length };
  return isJsonObject(value)
    ? { kind: "found", value: Object.keys(value).length }
    : missing("It has no length");
}

/** The message for a missing path in a named field (as recorded from the service); without a name, that of InputPath and OutputPath. */
function notFound(path: string, scope: Scope, why: string, field: string | undefined): StatesError {
  if (field === undefined) return new StatesError("States.Runtime", `Invalid path '${path}' : ${why}`);
  const searched = path.startsWith("$$") ? scope.context : scope.input;
  return new StatesError(
    "States.Runtime",
    `The JSONPath '${path}' specified for the field '${field}' could not be found in the input '${JSON.stringify(searched)}'`,
  );
}

/**
 * The value of a JSONPath: `$` (input), `$$` (context) or `$name` (variable). An indefinite path gives an array, empty
 * if nothing matches. A definite path without a value is States.Runtime, worded for `field` if it is given.
 */
export function evaluatePath(path: string, scope: Scope, field?: string): Json {
  const found = lookUp(path, scope);
  if (found.kind === "missing") throw notFound(path, scope, found.why, field);
  return found.kind === "found" ? found.value : null;
}

/** Whether a path has a value, null included. */
export function pathExists(path: string, scope: Scope): boolean {
  return lookUp(path, scope).kind === "found";
}

function placed(target: Json | undefined, steps: readonly Step[], value: Json): Json | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === "string") {
    if (target !== undefined && !isJsonObject(target)) return undefined;
    const own = target !== undefined && Object.hasOwn(target, step) ? target[step] : undefined;
    const inner = placed(own, rest, value);
    // A computed key is always an own property, even `__proto__`.
    return inner === undefined ? undefined : { ...target, [step]: inner };
  }
  if (!Array.isArray(target) || step < 0 || step >= target.length) return undefined;
  const inner = placed(target[step], rest, value);
  return inner === undefined ? undefined : target.with(step, inner);
}

/**
 * A copy of `target` with `value` at a reference path (ResultPath). Objects on the path are created, array elements must
 * exist. Fails with States.ResultPathMatchFailure if the path does not fit the target.
 */
export function setAtReferencePath(target: Json, path: string, value: Json): Json {
  const parsed = parsePath(path);
  const result =
    parsed.root.kind === "input" && parsed.kind === "definite" && !parsed.length && !parsed.picks
      ? placed(target, parsed.steps, value)
      : undefined;
  if (result === undefined) {
    throw new StatesError(
      "States.ResultPathMatchFailure",
      `Unable to apply ReferencePath ${path} to input ${JSON.stringify(target)}`,
    );
  }
  return result;
}
