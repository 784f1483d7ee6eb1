import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { type Machine, type Scope, type StateNode, scopesOf } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

/** Variables of generated states begin with this, so the user's may not. */
const OWN_VARIABLES = "sluice";

const VARIABLE = /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u;

interface Assignment {
  readonly name: string;
  readonly path: string;
  readonly byCatcher: boolean;
}

/** Variable names that a state assigns, with the path of each: by its own Assign, by its catchers', by its choice rules'. */
export function assignmentsOf(state: StateNode): Assignment[] {
  const found: Assignment[] = [];
  const add = (holder: JsonObject, at: string, byCatcher: boolean) => {
    if (!isJsonObject(holder.Assign)) return;
    for (const key of Object.keys(holder.Assign)) {
      const name = state.language === "JSONPath" && key.endsWith(".$") ? key.slice(0, -2) : key;
      found.push({ name, path: `${at}.Assign.${key}`, byCatcher });
    }
  };
  const listed = (list: Json | undefined, field: string) => {
    if (!Array.isArray(list)) return;
    for (const [index, entry] of list.entries())
      if (isJsonObject(entry)) add(entry, `${state.at}.${field}[${index}]`, field === "Catch");
  };
  add(state.body, state.at, false);
  listed(state.body.Catch, "Catch");
  listed(state.body.Choices, "Choices");
  return found;
}

/**
 * Names, and that no inner scope assigns a variable of an outer one
 * (https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html, "Scope of variables"). What only a catcher of the
 * outer scope assigns does not count: Step Functions has been seen to take that.
 */
export function checkVariables(machine: Machine, report: Report): void {
  const lasting = new Map<Scope, ReadonlySet<string>>();
  for (const scope of scopesOf(machine)) {
    const outer = outerScopes(scope);
    const own = new Set<string>();
    lasting.set(scope, own);
    for (const state of scope.states.values()) {
      for (const { name, path, byCatcher } of assignmentsOf(state)) {
        checkName(name, path, report);
        if (!byCatcher) own.add(name);
        if (outer.some((enclosing) => lasting.get(enclosing)?.has(name))) {
          report(
            path,
            `The variable "${name}" is assigned outside of this branch or map too; give this one a name of its own.`,
          );
        }
      }
    }
  }
}

/** The scopes whose variables can be read here; the children of a Distributed Map see none of their parent's. */
function outerScopes(scope: Scope): Scope[] {
  const found: Scope[] = [];
  for (let at = scope; at.owner !== undefined; at = at.owner.state.scope) {
    if (at.distributed && !at.owner.state.scope.distributed) break;
    found.push(at.owner.state.scope);
  }
  return found;
}

function checkName(name: string, path: string, report: Report): void {
  if (!VARIABLE.test(name))
    report(path, `"${name}" is no name for a variable: letters, digits and _, at most 80, no digit first.`);
  else if (name === "states") report(path, `"states" is a reserved name; give the variable another one.`);
  else if (name.startsWith(OWN_VARIABLES))
    report(path, `Names that begin with "${OWN_VARIABLES}" are Sluice's own; give the variable another one.`);
}
