import { isJsonObject } from "../../model/json/json.ts";
import { type Scope, type StateNode, transitionsOf } from "../parse/machine.ts";
import { isGated, isRecorded } from "./gated-states.ts";

/** The recorded steps from which a run can reach a place without passing another gate, and only after they completed. */
export interface StepsBefore {
  /** Steps whose output is the raw input of the place. */
  readonly exact: readonly string[];
  /** Steps whose output is changed by a state in between. */
  readonly changed: readonly string[];
}

/** Returns the steps before a state, or before the end of the scope if the name is undefined. */
export type BeforeIn = (target: string | undefined) => StepsBefore;

/** The places that can be reached, and whether the value is unchanged on every path to them. `undefined` is the end of the scope. */
type Reached = Map<string | undefined, boolean>;

const NONE: StepsBefore = { exact: [], changed: [] };

/** Follows each path of the scope without gates once. */
export function stepsBeforeIn(scope: Scope): BeforeIn {
  const found = new Map<string | undefined, { exact: string[]; changed: string[] }>();
  for (const step of scope.states.values()) {
    if (!isRecorded(step)) continue;
    const caught = reach(scope, catchTargets(step), false);
    for (const [target, exact] of reach(scope, [nextOf(step)], true)) {
      if (caught.has(target)) continue;
      const before = found.get(target) ?? { exact: [], changed: [] };
      found.set(target, before);
      (exact ? before.exact : before.changed).push(step.name);
    }
  }
  return (target) => found.get(target) ?? NONE;
}

const nextOf = ({ body }: StateNode): string | undefined =>
  typeof body.Next === "string" ? body.Next : undefined;

const catchTargets = ({ body: { Catch: list } }: StateNode): string[] =>
  Array.isArray(list)
    ? list.flatMap((entry) => (isJsonObject(entry) && typeof entry.Next === "string" ? [entry.Next] : []))
    : [];

/** Follows the transitions through states without a gate. */
function reach(scope: Scope, starts: readonly (string | undefined)[], exact: boolean): Reached {
  const reached: Reached = new Map();
  const seen = new Set<string>();
  const open = starts.map((name): [string | undefined, boolean] => [name, exact]);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const [name, isExact] = at;
    const state = name === undefined ? undefined : scope.states.get(name);
    if (state === undefined || isRecorded(state) || isGated(state)) {
      reached.set(name, isExact && reached.get(name) !== false);
      continue;
    }
    const key = `${isExact} ${name}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const goesOn = isExact && leavesValue(state);
    for (const { target, field } of transitionsOf(state))
      open.push([target, goesOn && !field.startsWith("Catch")]);
    if (state.type === "Succeed" || state.body.End === true) open.push([undefined, goesOn]);
  }
  return reached;
}

/** Fields by which a state changes the value that passes through it. */
const CHANGING = ["InputPath", "OutputPath", "Output", "Parameters", "Result", "ResultPath"];

/** Whether the state's output is always its raw input. */
function leavesValue({ type, body }: StateNode): boolean {
  if (type !== "Choice" && type !== "Pass" && type !== "Succeed") return false;
  const rules = Array.isArray(body.Choices) ? body.Choices : [];
  return [body, ...rules].every(
    (holder) => !isJsonObject(holder) || !CHANGING.some((field) => Object.hasOwn(holder, field)),
  );
}

/**
 * Whether a step that is the last of its branch or iteration has completed if the enclosing Parallel or Map has. The completion of a Map
 * that tolerates failures says nothing about a single iteration.
 */
export function isLastByCompleting({ name, scope }: StateNode, before: BeforeIn): boolean {
  const { owner } = scope;
  if (owner === undefined || Object.keys(owner.state.body).some((field) => field.startsWith("Tolerated")))
    return false;
  const { exact, changed } = before(undefined);
  return exact.includes(name) || changed.includes(name);
}
