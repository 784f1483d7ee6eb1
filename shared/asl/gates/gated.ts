import type { StepType } from "../../model/machines/task-events.ts";
import { type Foreseen, foresee } from "../parse/data-path.ts";
import type { StateNode } from "../parse/machine.ts";
import { sluiceField } from "../parse/sluice-field.ts";
import { isTopLevel, type Plan } from "./plan.ts";

export const isStep = (type: StateNode["type"]): type is StepType =>
  type === "Task" || type === "Wait" || type === "Parallel" || type === "Map";

/** A top-level Fail's error, where the gate before it can tell it. */
export function foreseenFailure(
  state: StateNode,
): { readonly error?: Foreseen; readonly cause?: Foreseen } | undefined {
  const { body } = state;
  const error = foresee(state, "Error", "string");
  const cause = foresee(state, "Cause", "string");
  if (error === undefined && (Object.hasOwn(body, "Error") || Object.hasOwn(body, "ErrorPath")))
    return undefined;
  if (cause === undefined && (Object.hasOwn(body, "Cause") || Object.hasOwn(body, "CausePath")))
    return undefined;
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
}

export function isGated(state: StateNode): boolean {
  if (state.type === "Fail") return isTopLevel(state) && foreseenFailure(state) !== undefined;
  return isStep(state.type) && sluiceField(state).gate === "before";
}

/** The name by which others lead to a state: its gate's, or its own. */
export const entryName = (plan: Plan, state: StateNode): string =>
  isGated(state) ? plan.names.of("gate", state.name) : state.name;

/** Whether a visit of it leaves a step's record: its gate, wherever that stands, writes it. */
export const isRecorded = (state: StateNode): boolean =>
  isStep(state.type) && sluiceField(state).gate !== "none";
