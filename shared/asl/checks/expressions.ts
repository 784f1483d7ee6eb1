import jsonata from "jsonata";
import { jsonataExpression, valuesOf } from "../parse/expressions.ts";
import type { Machine } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

/** Parses every JSONata expression, so that a syntax error is reported at publish and not during a run. */
export function checkExpressions(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    if (state.language !== "JSONata") continue;
    for (const { value, path } of valuesOf(state)) {
      if (typeof value !== "string") continue;
      const expression = jsonataExpression(value);
      if (expression !== undefined) {
        const error = syntaxError(expression);
        if (error !== undefined) report(path, `This JSONata expression has a syntax error: ${error}`);
      } else if (value.startsWith("{%")) {
        report(path, "This JSONata expression is not closed. End it with %}.");
      }
    }
  }
}

function syntaxError(expression: string): string | undefined {
  if (expression === "") return "it is empty.";
  try {
    jsonata(expression);
    return undefined;
  } catch (error) {
    // jsonata throws plain objects with a message, and a RangeError for deeply nested expressions.
    if (error instanceof RangeError) return "it is nested too deeply.";
    const message: unknown =
      typeof error === "object" && error !== null && "message" in error ? error.message : error;
    return String(message);
  }
}
