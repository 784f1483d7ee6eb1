import { isJsonObject } from "../../model/json/json.ts";
import { reachableFrom } from "../parse/graph.ts";
import {
  inScope,
  type Machine,
  type Scope,
  type StateNode,
  scopesOf,
  transitionsOf,
} from "../parse/machine.ts";
import type { Report } from "../parse/problems.ts";

/** Checks the fields of scopes, and that transitions stay inside their scope. */
export function checkStructure(machine: Machine, report: Report): void {
  const places = new Map(machine.all.map(({ name, at }) => [name, at]));
  for (const scope of scopesOf(machine)) {
    checkScopeFields(scope, report);
    for (const state of scope.states.values()) {
      checkEnd(state, report);
      checkTargets(places, state, report);
    }
  }
}

/** A state that cannot be read counts too. It is reported separately. */
const hasState = ({ body }: Scope, name: string): boolean =>
  isJsonObject(body.States) && Object.hasOwn(body.States, name);

function scopeFields({ owner }: Scope): readonly string[] {
  const common = ["Comment", "StartAt", "States"];
  if (owner === undefined) return [...common, "Version", "TimeoutSeconds", "QueryLanguage", "Sluice"];
  return owner.branch === undefined ? [...common, "ProcessorConfig"] : common;
}

function checkScopeFields(scope: Scope, report: Report): void {
  const known = scopeFields(scope);
  for (const field of Object.keys(scope.body)) {
    if (!known.includes(field))
      report(inScope(scope, field), `Unknown field. Known fields here: ${known.join(", ")}.`);
  }
  if (!hasState(scope, scope.startAt)) {
    report(inScope(scope, "StartAt"), `There is no state "${scope.startAt}" here.`);
  }
}

function checkEnd({ type, body, at }: StateNode, report: Report): void {
  const hasEnd = Object.hasOwn(body, "End");
  const hasNext = Object.hasOwn(body, "Next");
  if (type === "Choice" || type === "Succeed" || type === "Fail") {
    if (hasEnd) report(`${at}.End`, `A ${type} state cannot have End.`);
    if (hasNext)
      report(`${at}.Next`, `A ${type} state cannot have Next.${type === "Choice" ? " Use Default." : ""}`);
    return;
  }
  if (hasEnd && hasNext) report(`${at}.End`, "A state can have Next or End, but not both.");
  else if (!hasEnd && !hasNext) report(at, 'Next is missing. Name the next state, or set "End": true.');
  else if (hasEnd && body.End !== true) report(`${at}.End`, "End must be true. Otherwise leave it out.");
  else if (hasNext && typeof body.Next !== "string")
    report(`${at}.Next`, "Next must be the name of a state.");
}

function checkTargets(places: ReadonlyMap<string, string>, state: StateNode, report: Report): void {
  for (const { target, field } of transitionsOf(state)) {
    if (hasState(state.scope, target)) continue;
    const elsewhere = places.get(target);
    report(
      `${state.at}.${field}`,
      elsewhere === undefined
        ? `There is no state "${target}".`
        : `The state "${target}" is in another scope (${elsewhere}). A transition cannot enter or leave a Parallel or Map.`,
    );
  }
}

/** Checks that every state can be reached, and that every scope can end. Meaningful only for an otherwise valid machine. */
export function checkReachability(machine: Machine, report: Report): void {
  for (const scope of scopesOf(machine)) checkScope(scope, report);
}

function checkScope(scope: Scope, report: Report): void {
  const reached = reachableFrom(scope, [scope.startAt]);
  for (const { name, at } of firstUnreachable(scope, reached)) {
    report(at, `No transition leads to "${name}". Add one, or remove the state.`);
  }
  const ends = [...scope.states.values()].some(
    ({ type, body }) => type === "Succeed" || type === "Fail" || body.End === true,
  );
  if (!ends)
    report(
      inScope(scope, "States"),
      'No state ends this scope. Set "End": true on a state, or add a Succeed or Fail state.',
    );
}

/** The unreachable states from which all other unreachable states can be reached. */
function firstUnreachable(scope: Scope, reached: ReadonlySet<string>): StateNode[] {
  const open = [...scope.states.values()].filter(({ name }) => !reached.has(name));
  const targets = new Set(
    open.flatMap((state) =>
      transitionsOf(state)
        .map(({ target }) => target)
        .filter((target) => target !== state.name),
    ),
  );
  const found = open.filter(({ name }) => !targets.has(name));
  const covered = reachableFrom(
    scope,
    found.map(({ name }) => name),
  );
  for (const state of open) {
    if (covered.has(state.name)) continue;
    found.push(state);
    for (const name of reachableFrom(scope, [state.name])) covered.add(name);
  }
  return found;
}
