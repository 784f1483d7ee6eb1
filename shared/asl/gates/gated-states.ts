import type { Json } from "../../model/json/json.ts";
import type { StepType } from "../../model/machines/task-events.ts";
import { jsonataExpression } from "../parse/expressions.ts";
import { type Machine, type StateNode, transitionsOf } from "../parse/machine.ts";
import { sluiceField } from "../parse/sluice-field.ts";
import { isTopLevel, type Plan } from "./plan.ts";

const isStep = (type: StateNode["type"]): type is StepType =>
  type === "Task" || type === "Wait" || type === "Parallel" || type === "Map";

/**
 * The error and cause of a Fail if they are literals; undefined if one of them is evaluated. An evaluation can fail, return
 * something other than a string, or differ from one time to the next, so the run takes its error from the execution that has
 * ended.
 */
export function literalFailure({
  body,
  language,
}: StateNode): { readonly error?: string; readonly cause?: string } | undefined {
  if (Object.hasOwn(body, "ErrorPath") || Object.hasOwn(body, "CausePath")) return undefined;
  const { Error: error, Cause: cause } = body;
  const isLiteral = (value: Json | undefined): value is string | undefined =>
    value === undefined ||
    (typeof value === "string" && !(language === "JSONata" && jsonataExpression(value) !== undefined));
  if (!isLiteral(error) || !isLiteral(cause)) return undefined;
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

/** Whether a gate state is generated before this state. */
export function isGated(state: StateNode): boolean {
  if (state.scope.free) return false;
  if (state.type === "Fail") return isTopLevel(state) && literalFailure(state) !== undefined;
  return isStep(state.type) && sluiceField(state).gate === "before";
}

/** Whether each visit of this state asks a gate, before the step or inside its function. */
const asksGate = (state: StateNode): boolean => isRecorded(state) && !state.scope.free;

/** The reason why a run cannot be paused before a state; undefined if it can. */
export function breakpointObstacle(machine: Machine, name: string): string | undefined {
  const state = machine.all.find((candidate) => candidate.name === name);
  if (state === undefined) return `has no state "${name}"`;
  if (asksGate(state)) return undefined;
  if (isStep(state.type)) return `has no gate before "${name}". Only a step with a gate can be held`;
  return `has no gate before "${name}", because a ${state.type} state does nothing that needs holding. Name the step that follows`;
}

/**
 * The states whose gates an execution can reach first, past states that only evaluate; `end` if that of the flow's end is one of them.
 * Undefined if it can reach a step without a gate before them.
 */
export function firstGates({
  top,
}: Pick<Machine, "top">): { readonly states: ReadonlySet<string>; readonly end: boolean } | undefined {
  const states = new Set<string>();
  let end = false;
  const seen = new Set<string>();
  const ahead = [top.startAt];
  for (let name = ahead.pop(); name !== undefined; name = ahead.pop()) {
    const state = top.states.get(name);
    if (state === undefined || seen.has(name)) continue;
    seen.add(name);
    if (isGated(state)) {
      states.add(name);
      continue;
    }
    if (isStep(state.type)) return undefined;
    if (state.type === "Succeed" || state.body.End === true) end = true;
    ahead.push(...transitionsOf(state).map(({ target }) => target));
  }
  return { states, end };
}

/** How a hold on a state takes effect: at a gate before it, by one inside its function, or not at all. */
export const gateOf = (state: StateNode): "before" | "inline" | "none" => {
  if (!asksGate(state)) return "none";
  return isGated(state) ? "before" : "inline";
};

/** The names of the states that do something and that no gate holds. */
export const statesWithoutGate = (machine: Machine): string[] =>
  machine.all.filter((state) => isStep(state.type) && !asksGate(state)).map(({ name }) => name);

/** The target of transitions into a state: the name of its gate, or its own. */
export const entryName = (plan: Plan, state: StateNode): string =>
  isGated(state) ? plan.names.of("gate", state.name) : state.name;

/** Whether a visit of this state records a step. The gate writes it, before or inside the state. */
export const isRecorded = (state: StateNode): boolean =>
  isStep(state.type) && sluiceField(state).gate !== "none";
