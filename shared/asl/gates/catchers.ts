import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { Scope, StateNode } from "../parse/machine.ts";
import { failState, makeFailGate } from "./fail-gate.ts";
import { asTemplate, constant, type Expression, object } from "./jsonata-text.ts";
import { FAILED_VARIABLE, jsonataState, type MadeStates, type Plan } from "./plan.ts";

/** The catchers that Sluice adds to the states of one scope. */
export interface Catchers {
  /** The catchers of a gate. `state` is absent for the gate at the end of the flow. */
  ofGate(state: StateNode | undefined, entered: Expression): JsonObject[];
  /** The catchers before the user's, for control errors from inside a Parallel or Map or from a human step. */
  beforeUsers(state: StateNode): JsonObject[];
  /** The catchers after the user's. */
  afterUsers(state: StateNode, entered: string): JsonObject[];
}

export interface TopCatchers extends Catchers {
  /** Adds the state that ends the execution of a closed run, and returns its name. */
  closedState(): string;
}

const catcher = (errors: readonly string[], Next: string, fields: JsonObject = {}): JsonObject => ({
  ErrorEquals: [...errors],
  ...fields,
  Next,
});

/** Inside a branch or an iteration, control errors are raised again, so that its siblings end and each level handles them. */
export function nestedCatchers(
  plan: Plan,
  { state: { name: owner }, branch }: NonNullable<Scope["owner"]>,
  made: MadeStates,
): Catchers {
  const raise = (): string => {
    const name = plan.names.of(branch === undefined ? "raise" : `raise ${branch}`, owner);
    const cause = `$exists($states.input.Cause) ? $states.input.Cause : ""`;
    made.set(name, failState(plan, "$states.input.Error", cause));
    return name;
  };
  const control = [TASK_ERRORS.closed, TASK_ERRORS.timedOut];
  return {
    ofGate: () => [catcher([...control, TASK_ERRORS.accessDenied], raise())],
    // Without a Catch, Step Functions raises the error by itself.
    beforeUsers: (state) =>
      Array.isArray(state.body.Catch) && state.body.Catch.length > 0 ? [catcher(control, raise())] : [],
    afterUsers: () => [],
  };
}

export function topCatchers(plan: Plan, made: MadeStates): TopCatchers {
  const closedState = (): string => {
    const name = plan.names.of("closed");
    made.set(name, { Type: "Succeed", ...jsonataState(plan) });
    return name;
  };
  const timedOutState = (): string => {
    const name = plan.names.of("timed out");
    made.set(name, { Type: "Fail", Error: "States.Timeout" });
    return name;
  };
  const control = (): JsonObject[] => [
    catcher([TASK_ERRORS.closed], closedState()),
    catcher([TASK_ERRORS.timedOut], timedOutState()),
  ];
  let failGateName: string | undefined;
  const failGate = (): string => {
    failGateName ??= makeFailGate(plan, made, control());
    return failGateName;
  };
  const denied = (state: StateNode, entered: Expression): JsonObject => {
    const failed = asTemplate(object({ ...failedState(state), entered }));
    return catcher([TASK_ERRORS.accessDenied], failGate(), { Assign: { [FAILED_VARIABLE]: failed } });
  };
  return {
    closedState,
    ofGate: (state, entered) => [...control(), ...(state === undefined ? [] : [denied(state, entered)])],
    beforeUsers: control,
    afterUsers: (state, entered) =>
      catchesAll(state) ? [] : [catcher(["States.ALL"], failGate(), asFailed(state, entered))],
  };
}

const failedState = ({ name, type }: StateNode): Record<string, Expression> => ({
  state: constant(name),
  type: constant(type),
});

function catchesAll({ body }: StateNode): boolean {
  const last = Array.isArray(body.Catch) ? body.Catch.at(-1) : undefined;
  return isJsonObject(last) && Array.isArray(last.ErrorEquals) && last.ErrorEquals.includes("States.ALL");
}

/** The fields of the last catcher, in the state's own query language. Its output is the error. */
function asFailed(state: StateNode, entered: string): JsonObject {
  const { name, type, language } = state;
  return language === "JSONPath"
    ? { Assign: { [FAILED_VARIABLE]: { state: name, type, "entered.$": entered } }, ResultPath: "$" }
    : { Assign: { [FAILED_VARIABLE]: asTemplate(object({ ...failedState(state), entered })) } };
}
