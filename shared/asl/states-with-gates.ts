import type { JsonObject } from "../model/json/json.ts";
import { isGated } from "./gates/gated-states.ts";
import { collectProblems } from "./parse/problems.ts";
import { readMachine } from "./parse/read-machine.ts";

/** Returns the names of a valid definition's states, and of those that get a gate in an attached flow. Children of a Distributed Map get none. */
export const statesWithGates = (
  definition: JsonObject,
): { readonly all: readonly string[]; readonly gated: ReadonlySet<string> } => {
  const states = (
    readMachine(definition, collectProblems().report, { freeChildren: true })?.all ?? []
  ).filter(({ scope }) => !scope.free);
  return {
    all: states.map(({ name }) => name),
    gated: new Set(states.filter(isGated).map(({ name }) => name)),
  };
};
