import type { JsonObject } from "../model/json/json.ts";
import { isGated } from "./gates/gated-states.ts";
import { collectProblems } from "./parse/problems.ts";
import { readMachine } from "./parse/read-machine.ts";

/** The names of a valid machine's states, and of those with a gate before them, in a machine that belongs to somebody else. The children of a Distributed Map have none. */
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
