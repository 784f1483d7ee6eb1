import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import { asTemplate, constant, type Expression, object } from "../parse/jsonata-text.ts";
import type { Scope, StateNode } from "../parse/machine.ts";
import { makeGate } from "./gate.ts";
import { FAILED_VARIABLE, jsonataState, type MadeStates, type Plan } from "./plan.ts";

/** Where the errors of a scope go that no user's handler is to see, or that none has taken. */
export interface Exits {
  /** Catchers of a gate. `state` is absent at the flow's end. */
  ofGate(state: StateNode | undefined, entered: Expression): JsonObject[];
  /** Catchers that come before the user's: control errors out of a Parallel's or Map's inside, or of a human step. */
  ofControl(state: StateNode): JsonObject[];
  /** Catchers that come after the user's. */
  ofRest(state: StateNode, entered: string): JsonObject[];
}

export interface TopExits extends Exits {
  /** The state that ends the execution quietly. */
  quiet(): string;
}

const to = (errors: readonly string[], Next: string, fields: JsonObject = {}): JsonObject => ({
  ErrorEquals: [...errors],
  ...fields,
  Next,
});

/** Inside a branch or an iteration an error has to go on upwards, so that the siblings end and each level can take it. */
export function nestedExits(plan: Plan, owner: NonNullable<Scope["owner"]>, made: MadeStates): Exits {
  const raise = (): string => {
    const { state, branch } = owner;
    const name = plan.names.of(branch === undefined ? "raise" : `raise ${branch}`, state.name);
    made.set(
      name,
      failState(plan, "$states.input.Error", `$exists($states.input.Cause) ? $states.input.Cause : ""`),
    );
    return name;
  };
  const control = [TASK_ERRORS.closed, TASK_ERRORS.timedOut];
  return {
    ofGate: () => [to([...control, TASK_ERRORS.accessDenied], raise())],
    // Without a user's Catch the error goes up by itself.
    ofControl: (state) =>
      Array.isArray(state.body.Catch) && state.body.Catch.length > 0 ? [to(control, raise())] : [],
    ofRest: () => [],
  };
}

export function topExits(plan: Plan, made: MadeStates): TopExits {
  const closed = (): string => {
    const name = plan.names.of("closed");
    made.set(name, { Type: "Succeed", ...jsonataState(plan) });
    return name;
  };
  const timedOut = (): string => {
    const name = plan.names.of("timed out");
    made.set(name, { Type: "Fail", Error: "States.Timeout" });
    return name;
  };
  let failing: string | undefined;
  const fail = (): string => {
    failing ??= makeFailure(plan, made, control());
    return failing;
  };
  const control = (): JsonObject[] => [
    to([TASK_ERRORS.closed], closed()),
    to([TASK_ERRORS.timedOut], timedOut()),
  ];
  return {
    quiet: closed,
    ofGate: (state, entered) =>
      state === undefined
        ? control()
        : [
            ...control(),
            to([TASK_ERRORS.accessDenied], fail(), {
              Assign: { [FAILED_VARIABLE]: asTemplate(object({ ...whatFailed(state), entered })) },
            }),
          ],
    ofControl: control,
    ofRest: (state, entered) =>
      catchesAll(state) ? [] : [to(["States.ALL"], fail(), lastCatcher(state, entered))],
  };
}

const whatFailed = ({ name, type }: StateNode): Record<string, Expression> => ({
  state: constant(name),
  type: constant(type),
});

function catchesAll({ body }: StateNode): boolean {
  const last = Array.isArray(body.Catch) ? body.Catch.at(-1) : undefined;
  return isJsonObject(last) && Array.isArray(last.ErrorEquals) && last.ErrorEquals.includes("States.ALL");
}

/** In the state's own query language; the whole output is the error, as it is by default. */
function lastCatcher(state: StateNode, entered: string): JsonObject {
  const { name, type, language } = state;
  return language === "JSONPath"
    ? { Assign: { [FAILED_VARIABLE]: { state: name, type, "entered.$": entered } }, ResultPath: "$" }
    : { Assign: { [FAILED_VARIABLE]: asTemplate(object({ ...whatFailed(state), entered })) } };
}

function failState(plan: Plan, error: Expression | undefined, cause: Expression | undefined): JsonObject {
  return {
    Type: "Fail",
    ...jsonataState(plan),
    ...(error === undefined ? {} : { Error: asTemplate(error) }),
    ...(cause === undefined ? {} : { Cause: asTemplate(cause) }),
  };
}

/**
 * A caught error has an empty Cause where an uncaught one has none, and a Fail state may have neither name nor cause;
 * reading a field that is not there would be an error of its own.
 */
const isGiven = (field: "Error" | "Cause"): Expression =>
  `($type($states.input.${field}) = "string" and $states.input.${field} != "")`;

/** The fail gate, and the Fail state that reproduces the error which led there. Gives the gate's name. */
function makeFailure(plan: Plan, made: MadeStates, refusals: JsonObject[]): string {
  const form = plan.names.of("fail form");
  const error = "$states.input.Error";
  const cause = "$states.input.Cause";
  const forms: readonly [string, Expression, Expression | undefined, Expression | undefined][] = [
    ["fail with error and cause", `${isGiven("Error")} and ${isGiven("Cause")}`, error, cause],
    ["fail with error", isGiven("Error"), error, undefined],
    ["fail with cause", isGiven("Cause"), undefined, cause],
  ];
  for (const [role, , withError, withCause] of forms)
    made.set(plan.names.of(role), failState(plan, withError, withCause));
  const bare = plan.names.of("fail");
  made.set(bare, { Type: "Fail" });
  made.set(form, {
    Type: "Choice",
    ...jsonataState(plan),
    Choices: forms.map(([role, condition]) => ({
      Condition: asTemplate(condition),
      Next: plan.names.of(role),
    })),
    Default: bare,
  });
  const failed = (field: string): Expression => `$${FAILED_VARIABLE}.${field}`;
  return makeGate(
    plan,
    {
      role: "fail gate",
      kind: "fail",
      depth: 0,
      visit: { state: failed("state"), path: constant(""), entered: failed("entered") },
      fields: {
        type: failed("type"),
        timeoutSeconds: plan.timeoutSeconds === undefined ? undefined : constant(plan.timeoutSeconds),
        error: `${isGiven("Error")} ? ${error}`,
        cause: `${isGiven("Cause")} ? ${cause}`,
      },
      onPass: { Next: form },
      refusals: () => refusals,
    },
    made,
  );
}
