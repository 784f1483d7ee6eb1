import { isJsonObject, type JsonObject } from "../../../../shared/model/json.ts";
import { evaluating, runtimeFailure } from "../failure.ts";
import {
  assignments,
  effectiveInput,
  jsonataOutput,
  outputText,
  QUERY_ERROR,
  throughOutputPath,
  unexpectedType,
} from "../io.ts";
import type { StateModule } from "../kernel.ts";
import { evaluateChoiceRule } from "../language/choice.ts";
import { evaluateJsonata } from "../language/jsonata.ts";
import type { JsonataScope } from "../language/types.ts";
import type { Visit } from "../visit.ts";

async function matches(visit: Visit, rule: JsonObject, scope: JsonataScope): Promise<boolean> {
  if (!visit.jsonata) return evaluating(visit, "Choices", () => evaluateChoiceRule(rule, scope));
  const condition = rule["Condition"];
  if (typeof condition === "boolean" || condition === undefined) return condition === true;
  const value = await evaluating(visit, "Condition", () => evaluateJsonata(condition, scope, "Condition"));
  if (typeof value === "boolean") return value;
  throw runtimeFailure(
    visit,
    unexpectedType(condition, "Condition", "boolean", value),
    QUERY_ERROR,
    "Condition",
  );
}

/** The first rule that holds; the state itself stands for its Default. */
async function chosen(visit: Visit, scope: JsonataScope): Promise<JsonObject> {
  const choices = visit.state["Choices"];
  for (const rule of Array.isArray(choices) ? choices : [])
    if (isJsonObject(rule) && (await matches(visit, rule, scope))) return rule;
  return visit.state;
}

export const choice: StateModule = {
  async run(visit, kernel) {
    const input = await effectiveInput(visit);
    const scope = visit.scope({ input });
    const rule = await chosen(visit, scope);
    const next = rule === visit.state ? rule["Default"] : rule["Next"];
    if (typeof next !== "string")
      throw runtimeFailure(
        visit,
        "Failed to transition out of the state. The state does not point to a next state.",
      );
    const assigned = await assignments(visit, rule["Assign"], scope);
    const output = visit.jsonata
      ? await jsonataOutput(visit, rule["Output"], scope, visit.input)
      : await throughOutputPath(visit, input);
    const text = outputText(visit, output);
    return (frame) => kernel.transitions.exit(visit, frame, text, next, assigned);
  },
};
