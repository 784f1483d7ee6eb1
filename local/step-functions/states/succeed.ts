import { effectiveInput, jsonataOutput, leave, throughOutputPath } from "../interpreter/input-output.ts";
import type { StateModule } from "../interpreter/state-module.ts";

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
