import { evaluating, runtimeFailure } from "../interpreter/failure.ts";
import {
  argumentsOf,
  display,
  effectiveInput,
  finishWith,
  jsonataOutput,
  leave,
  nextOf,
  QUERY_ERROR,
  throughOutputPath,
  unexpectedType,
} from "../interpreter/input-output.ts";
import type { StateModule } from "../interpreter/state-module.ts";
import type { Visit } from "../interpreter/visit.ts";
import { evaluateJsonata, isJsonataString } from "../language/jsonata/jsonata.ts";
import { evaluateFieldExpression } from "../language/template.ts";
import { andThen } from "../model/maybe-promise.ts";

export const pass: StateModule = {
  run(visit, deps) {
    const { state } = visit;
    const input = effectiveInput(visit);
    const scope = visit.scope({ input });
    if (visit.jsonata) {
      const output = () => jsonataOutput(visit, state["Output"], scope, input);
      return leave(visit, deps, { rule: state, next: nextOf(state), scope, output });
    }
    // `"Result": null` is a result too.
    const result = "Result" in state ? (state["Result"] ?? null) : argumentsOf(visit, scope);
    return andThen(result, (value) => finishWith(visit, deps, value, { selector: false }));
  },
};

async function textOf(visit: Visit, field: "Error" | "Cause"): Promise<string | undefined> {
  const literal = visit.state[field];
  const path = visit.state[`${field}Path`];
  const scope = visit.scope();
  if (!visit.jsonata && typeof path === "string") {
    const value = evaluating(visit, `${field}Path`, () =>
      evaluateFieldExpression(path, scope, `${field}Path`),
    );
    if (typeof value === "string") return value;
    throw runtimeFailure(
      visit,
      `The ${field}Path parameter does not reference a string value: ${path} == ${display(value)}`,
    );
  }
  if (literal === undefined) return undefined;
  if (!visit.jsonata || !isJsonataString(literal)) return display(literal);
  const value = await evaluating(visit, field, () => evaluateJsonata(literal, scope, field));
  if (typeof value === "string") return value;
  throw runtimeFailure(visit, unexpectedType(literal, field, "string", value), QUERY_ERROR, field);
}

export const fail: StateModule = {
  async run(visit, deps) {
    const error = await textOf(visit, "Error");
    const cause = await textOf(visit, "Cause");
    const failure = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    return (frame) => deps.transitions.fail(frame, failure);
  },
};

export const succeed: StateModule = {
  run(visit, deps) {
    const { state } = visit;
    const scope = visit.scope();
    const output = () =>
      visit.jsonata
        ? jsonataOutput(visit, state["Output"], scope, visit.input)
        : throughOutputPath(visit, effectiveInput(visit));
    return leave(visit, deps, { rule: {}, next: undefined, scope, output });
  },
};
