import type { JsonObject } from "../../model/json/json.ts";
import { makeGate } from "./gate.ts";
import { asTemplate, constant, type Expression } from "./jsonata-text.ts";
import { FAILED_VARIABLE, jsonataState, type MadeStates, type Plan } from "./plan.ts";

export function failState(plan: Plan, error?: Expression, cause?: Expression): JsonObject {
  return {
    Type: "Fail",
    ...jsonataState(plan),
    ...(error === undefined ? {} : { Error: asTemplate(error) }),
    ...(cause === undefined ? {} : { Cause: asTemplate(cause) }),
  };
}

/**
 * Whether a caught error has a name or a cause. Step Functions gives a caught error an empty Cause where an uncaught one has
 * none. Reading an absent field would raise another error.
 */
const isGiven = (field: "Error" | "Cause"): Expression =>
  `($type($states.input.${field}) = "string" and $states.input.${field} != "")`;

/** Adds the gate before a run fails and the Fail states that raise the caught error again. Returns the gate's name. */
export function makeFailGate(plan: Plan, made: MadeStates, refusals: JsonObject[]): string {
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
