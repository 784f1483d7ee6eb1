import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { type Machine, type Scope, type StateNode, scopesOf } from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

const VARIABLE = /^[\p{ID_Start}_][\p{ID_Continue}]{0,79}$/u;

interface Assignment {
  readonly name: string;
  readonly path: string;
  readonly byCatcher: boolean;
}

/** The variables that a state assigns in its own Assign, its catchers' and its choice rules'. */
export function assignmentsOf(state: StateNode): Assignment[] {
  const found: Assignment[] = [];
  const add = (holder: JsonObject, at: string, byCatcher: boolean) => {
    if (!isJsonObject(holder.Assign)) return;
    for (const key of Object.keys(holder.Assign)) {
      const name = state.language === "JSONPath" && key.endsWith(".$") ? key.slice(0, -2) : key;
      found.push({ name, path: `${at}.Assign.${key}`, byCatcher });
    }
  };
  const addEach = (list: Json | undefined, field: string) => {
    if (!Array.isArray(list)) return;
    for (const [index, entry] of list.entries())
      if (isJsonObject(entry)) add(entry, `${state.at}.${field}[${index}]`, field === "Catch");
  };
  add(state.body, state.at, false);
  addEach(state.body.Catch, "Catch");
  addEach(state.body.Choices, "Choices");
  return found;
}

/**
 * Checks the names of variables, and that no inner scope assigns a variable of an outer one
 * (https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html, "Scope of variables"). A variable that only
 * a catcher of the outer scope assigns does not count: Step Functions accepts such definitions.
 */
export function checkVariables(machine: Machine, report: Report): void {
  const assigned = new Map<Scope, ReadonlySet<string>>();
  for (const scope of scopesOf(machine)) {
    const outer = outerScopes(scope);
    const own = new Set<string>();
    assigned.set(scope, own);
    for (const state of scope.states.values()) {
      for (const { name, path, byCatcher } of assignmentsOf(state)) {
        checkName(name, path, report);
        if (!byCatcher) own.add(name);
        if (outer.some((enclosing) => assigned.get(enclosing)?.has(name))) {
          report(
            path,
            `The variable "${name}" is also assigned outside this Parallel or Map. Rename this one.`,
          );
        }
      }
    }
  }
}

/** The enclosing scopes whose variables can be read here. Children of a Distributed Map cannot read their parent's. */
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
    report(
      path,
      `"${name}" is not a valid variable name. Use at most 80 letters, digits and underscores, and do not begin with a digit.`,
    );
  else if (name === "states") report(path, `"states" is a reserved name. Rename the variable.`);
}
