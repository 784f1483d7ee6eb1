import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { StateNode } from "../parse/machine.ts";
import { type Catcher, UNCHANGED } from "./handlers.ts";
import { asTemplate } from "./jsonata-text.ts";
import { errorVariable, type MadeStates, type Plan } from "./plan.ts";

/** Names in a user's catcher that match a denied access. The gate raises that error on the state's behalf. */
const MATCHING: readonly string[] = [TASK_ERRORS.accessDenied, "States.TaskFailed", "States.ALL"];

/**
 * Copies the user's catcher of `Sluice.AccessDenied` to the gate. A gate uses JSONata and has no ResultPath. For a JSONPath
 * state, a variable carries the error to a Pass state whose Parameters, ResultPath and Assign have the same effect as the
 * catcher's.
 */
export function accessDeniedCatcher(
  plan: Plan,
  state: StateNode,
  entryOf: (name: string) => string,
  made: MadeStates,
): Catcher | undefined {
  const catcher = matchingCatcher(state);
  if (catcher === undefined || typeof catcher.Next !== "string") return undefined;
  const next = entryOf(catcher.Next);
  const ErrorEquals = [TASK_ERRORS.accessDenied];
  const { Assign, Output, ResultPath } = catcher;
  if (state.language === "JSONata") {
    return {
      ErrorEquals,
      ...(Assign === undefined ? {} : { Assign }),
      ...(Output === undefined ? {} : { Output }),
      Next: next,
    };
  }
  const variable = errorVariable(state.scope.depth);
  const name = plan.names.of("denied", state.name);
  made.set(name, {
    Type: "Pass",
    Parameters: { "Error.$": `$${variable}.Error`, "Cause.$": `$${variable}.Cause` },
    ...(ResultPath === undefined ? {} : { ResultPath }),
    ...(Assign === undefined ? {} : { Assign }),
    Next: next,
  });
  return {
    ErrorEquals,
    Assign: { [variable]: asTemplate("$states.errorOutput") },
    Output: UNCHANGED,
    Next: name,
  };
}

function matchingCatcher({ body }: StateNode): JsonObject | undefined {
  if (!Array.isArray(body.Catch)) return undefined;
  return body.Catch.filter(isJsonObject).find(
    ({ ErrorEquals: names }) =>
      Array.isArray(names) && names.some((name) => typeof name === "string" && MATCHING.includes(name)),
  );
}
