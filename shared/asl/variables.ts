import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { Machine, StateNode } from "./machine.ts";
import type { Report } from "./problems.ts";

/** Variables of generated states begin with this, so the user's may not. */
export const OWN_VARIABLES = "sluice";

const VARIABLE = /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u;

/** Variable names that a state assigns, with the path of each: by its own Assign, by its catchers', by its choice rules'. */
export function assignmentsOf(state: StateNode): { readonly name: string; readonly path: string }[] {
  const found: { name: string; path: string }[] = [];
  const add = (holder: JsonObject, at: string) => {
    if (!isJsonObject(holder.Assign)) return;
    for (const key of Object.keys(holder.Assign)) {
      const name = state.language === "JSONPath" && key.endsWith(".$") ? key.slice(0, -2) : key;
      found.push({ name, path: `${at}.Assign.${key}` });
    }
  };
  const listed = (list: Json | undefined, field: string) => {
    if (!Array.isArray(list)) return;
    for (const [index, entry] of list.entries())
      if (isJsonObject(entry)) add(entry, `${state.at}.${field}[${index}]`);
  };
  add(state.body, state.at);
  listed(state.body.Catch, "Catch");
  listed(state.body.Choices, "Choices");
  return found;
}

/**
 * The names. Whether an inner scope may assign a variable of an outer one is left to Step Functions, which has been seen
 * to take a branch and its Parallel's catcher assigning the same name.
 */
export function checkVariables(machine: Machine, report: Report): void {
  for (const state of machine.all) {
    for (const { name, path } of assignmentsOf(state)) checkName(name, path, report);
  }
}

function checkName(name: string, path: string, report: Report): void {
  if (!VARIABLE.test(name))
    report(path, `"${name}" is no name for a variable: letters, digits and _, at most 80, no digit first.`);
  else if (name === "states") report(path, `"states" is a reserved name; give the variable another one.`);
  else if (name.startsWith(OWN_VARIABLES))
    report(path, `Names that begin with "${OWN_VARIABLES}" are Sluice's own; give the variable another one.`);
}
