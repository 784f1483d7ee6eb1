import {
  argumentsOf,
  assignments,
  effectiveInput,
  finishWith,
  jsonataOutput,
  nextOf,
  outputText,
} from "../io.ts";
import type { StateModule } from "../kernel.ts";

export const pass: StateModule = {
  async run(visit, kernel) {
    const { state } = visit;
    if (visit.jsonata) {
      const scope = visit.scope();
      const assigned = await assignments(visit, state["Assign"], scope);
      const text = outputText(visit, await jsonataOutput(visit, state["Output"], scope, visit.input));
      return (frame) => kernel.transitions.exit(visit, frame, text, nextOf(state), assigned);
    }
    const input = await effectiveInput(visit);
    const result = state["Result"] ?? (await argumentsOf(visit, visit.scope({ input })));
    // `"Result": null` is a result too.
    return finishWith(visit, kernel, "Result" in state ? (state["Result"] ?? null) : result, {
      selector: false,
    });
  },
};
