import { isJsonObject, type JsonObject } from "../../../shared/model/json/json.ts";
import { evaluating, runtimeFailure } from "../interpreter/failure.ts";
import {
  effectiveInput,
  jsonataOutput,
  leave,
  QUERY_ERROR,
  throughOutputPath,
  unexpectedType,
} from "../interpreter/input-output.ts";
import type { StateModule } from "../interpreter/state-module.ts";
import type { Visit } from "../interpreter/visit.ts";
import { evaluateChoiceRule } from "../language/choice-rule.ts";
import { evaluateJsonata } from "../language/jsonata/jsonata.ts";
import type { JsonataScope } from "../language/values/types.ts";
import { andThen, type MaybePromise } from "../model/maybe-promise.ts";

async function matches(visit: Visit, rule: JsonObject, scope: JsonataScope): Promise<boolean> {
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

async function firstMatch(
  visit: Visit,
  rules: readonly JsonObject[],
  scope: JsonataScope,
): Promise<JsonObject | undefined> {
  for (const rule of rules) if (await matches(visit, rule, scope)) return rule;
  return undefined;
}

/** The first rule that matches. */
function chosen(visit: Visit, scope: JsonataScope): MaybePromise<JsonObject | undefined> {
  const choices = visit.state["Choices"];
  const rules = Array.isArray(choices) ? choices.filter(isJsonObject) : [];
  if (visit.jsonata) return firstMatch(visit, rules, scope);
  return evaluating(visit, "Choices", () => rules.find((rule) => evaluateChoiceRule(rule, scope)));
}

export const choice: StateModule = {
  run(visit, deps) {
    const input = effectiveInput(visit);
    const scope = visit.scope({ input });
    return andThen(chosen(visit, scope), (chosenRule) => {
      const rule = chosenRule ?? visit.state;
      const next = chosenRule ? chosenRule["Next"] : visit.state["Default"];
      if (typeof next !== "string")
        throw runtimeFailure(
          visit,
          "Failed to transition out of the state. The state does not point to a next state.",
        );
      const output = () =>
        visit.jsonata ? jsonataOutput(visit, rule["Output"], scope, input) : throughOutputPath(visit, input);
      return leave(visit, deps, { rule, next, scope, output });
    });
  },
};
