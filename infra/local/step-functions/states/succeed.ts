import { effectiveInput, jsonataOutput, outputText, throughOutputPath } from "../io.ts";
import type { StateModule } from "../kernel.ts";

export const succeed: StateModule = {
  async run(visit, kernel) {
    const output = visit.jsonata
      ? await jsonataOutput(visit, visit.state["Output"], visit.scope(), visit.input)
      : await throughOutputPath(visit, await effectiveInput(visit));
    const text = outputText(visit, output);
    return (frame) => kernel.transitions.exit(visit, frame, text, undefined, {});
  },
};
