import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { StateNode } from "../parse/machine.ts";
import { makeFailGate, makeFailGateOfUngated } from "./fail-gate.ts";
import { isGated } from "./gated-states.ts";
import type { Catcher } from "./handlers.ts";
import { asTemplate, constant } from "./jsonata-text.ts";
import { FAILED_VARIABLE, type MadeStates, type Plan } from "./plan.ts";

/** The catchers that Sluice adds to the states of one scope. */
export interface Catchers {
  /** The catcher of access that a step's gate denies, if the user has none. */
  ofDenial(): Catcher | "uncaught";
  /** The catchers after the user's. */
  afterUsers(state: StateNode): Catcher[];
}

/** Inside a branch or an iteration, Step Functions raises every error that the user does not catch. */
export const NESTED_CATCHERS: Catchers = { ofDenial: () => "uncaught", afterUsers: () => [] };

/** At the top level, an error that the user does not catch leads to a fail gate. */
export function topCatchers(plan: Plan, made: MadeStates): Catchers {
  const failGate = once(() => makeFailGate(plan, made));
  const ofUngated = once(() => makeFailGateOfUngated(plan, made));
  return {
    ofDenial: () => ({ ErrorEquals: [TASK_ERRORS.accessDenied], Next: failGate() }),
    afterUsers: (state) => {
      if (catchesAll(state)) return [];
      const ErrorEquals = ["States.ALL"];
      return isGated(state)
        ? [{ ErrorEquals, Next: failGate() }]
        : [{ ErrorEquals, ...asFailed(state), Next: ofUngated() }];
    },
  };
}

const once = (make: () => string): (() => string) => {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

function catchesAll({ body }: StateNode): boolean {
  const last = Array.isArray(body.Catch) ? body.Catch.at(-1) : undefined;
  return isJsonObject(last) && Array.isArray(last.ErrorEquals) && last.ErrorEquals.includes("States.ALL");
}

/** Notes the state that failed, in its own query language. */
function asFailed({ name, language }: StateNode): JsonObject {
  const failed: JsonObject =
    language === "JSONPath"
      ? { state: name, "entered.$": "$$.State.EnteredTime" }
      : { state: asTemplate(constant(name)), entered: asTemplate("$states.context.State.EnteredTime") };
  return { Assign: { [FAILED_VARIABLE]: failed } };
}
