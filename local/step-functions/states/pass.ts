import {
  argumentsOf,
  effectiveInput,
  finishWith,
  jsonataOutput,
  leave,
  nextOf,
} from "../interpreter/input-output.ts";
import type { StateModule } from "../interpreter/state-module.ts";
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
