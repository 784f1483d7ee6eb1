import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import { asTemplate } from "../parse/jsonata-text.ts";
import type { StateNode } from "../parse/machine.ts";
import { sluiceField } from "../parse/sluice-field.ts";
import { errorVariable, type MadeStates, type Plan } from "./plan.ts";

/** Error names of a user's catcher that take a denial, which the gate raises on the state's behalf. */
const MATCHING: readonly string[] = [TASK_ERRORS.accessDenied, "States.TaskFailed", "States.ALL"];

/**
 * The user's catcher of `Sluice.AccessDenied`, as a catcher of the gate. A JSONata gate has no ResultPath; for a JSONPath state
 * the error is carried in a variable to a Pass state, whose Parameters, ResultPath and Assign do to the untouched
 * input what the catcher's would.
 */
export function denialCatchers(
  plan: Plan,
  state: StateNode,
  entryOf: (name: string) => string,
  made: MadeStates,
): JsonObject[] {
  const catcher = sluiceField(state).requires.length === 0 ? undefined : matchingCatcher(state);
  if (catcher === undefined || typeof catcher.Next !== "string") return [];
  const next = entryOf(catcher.Next);
  const ErrorEquals = [TASK_ERRORS.accessDenied];
  const { Assign, Output, ResultPath } = catcher;
  if (state.language === "JSONata") {
    return [
      {
        ErrorEquals,
        ...(Assign === undefined ? {} : { Assign }),
        ...(Output === undefined ? {} : { Output }),
        Next: next,
      },
    ];
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
  return [
    {
      ErrorEquals,
      Assign: { [variable]: asTemplate("$states.errorOutput") },
      Output: asTemplate("$states.input"),
      Next: name,
    },
  ];
}

function matchingCatcher({ body }: StateNode): JsonObject | undefined {
  if (!Array.isArray(body.Catch)) return undefined;
  return body.Catch.filter(isJsonObject).find(
    ({ ErrorEquals: names }) =>
      Array.isArray(names) && names.some((name) => typeof name === "string" && MATCHING.includes(name)),
  );
}
