import { inScope, type Machine, type Scope, type StateNode, scopesOf, transitionsOf } from "./machine.ts";
import { scopeFields } from "./parse.ts";
import type { Report } from "./problems.ts";

/** That states lead to states of their own scope, that each can be reached, and that each scope can come to its end. */
export function checkStructure(machine: Machine, report: Report): void {
  const places = new Map(machine.all.map(({ name, at }) => [name, at]));
  for (const scope of scopesOf(machine)) {
    checkScopeFields(scope, report);
    for (const state of scope.states.values()) {
      checkEnd(state, report);
      checkTargets(places, state, report);
    }
    checkReachability(scope, report);
  }
}

function checkScopeFields(scope: Scope, report: Report): void {
  const known = scopeFields(scope);
  for (const field of Object.keys(scope.body)) {
    if (!known.has(field))
      report(inScope(scope, field), `Unknown field; known here are ${[...known].join(", ")}.`);
  }
  if (!scope.states.has(scope.startAt)) {
    report(inScope(scope, "StartAt"), `There is no state "${scope.startAt}" here.`);
  }
}

function checkEnd({ type, body, at }: StateNode, report: Report): void {
  const ends = Object.hasOwn(body, "End");
  const goesOn = Object.hasOwn(body, "Next");
  if (type === "Choice" || type === "Succeed" || type === "Fail") {
    if (ends) report(`${at}.End`, `A ${type} state has no End.`);
    if (goesOn)
      report(
        `${at}.Next`,
        `A ${type} state has no Next${type === "Choice" ? " of its own; use Default" : ""}.`,
      );
    return;
  }
  if (ends && goesOn) report(`${at}.End`, "A state has either Next or End, not both.");
  if (!ends && !goesOn) report(`${at}.Next`, "The state leads nowhere: give it a Next, or End: true.");
  if (ends && body.End !== true) report(`${at}.End`, "End can only be true; leave it out otherwise.");
  if (goesOn && typeof body.Next !== "string") report(`${at}.Next`, "Next must be the name of a state.");
}

function checkTargets(places: ReadonlyMap<string, string>, state: StateNode, report: Report): void {
  for (const { target, field } of transitionsOf(state)) {
    if (state.scope.states.has(target)) continue;
    const elsewhere = places.get(target);
    report(
      `${state.at}.${field}`,
      elsewhere === undefined
        ? `There is no state "${target}".`
        : `The state "${target}" stands elsewhere (${elsewhere}); a state can only lead to one beside it.`,
    );
  }
}

/** The names that can be reached inside one scope, the starts included. */
export function reachableFrom(scope: Scope, starts: Iterable<string>): Set<string> {
  const reached = new Set<string>();
  const open = [...starts];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const state = scope.states.get(name);
    if (state === undefined || reached.has(name)) continue;
    reached.add(name);
    for (const { target } of transitionsOf(state)) open.push(target);
  }
  return reached;
}

function checkReachability(scope: Scope, report: Report): void {
  const reached = reachableFrom(scope, [scope.startAt]);
  let ends = false;
  for (const { name, at, type, body } of scope.states.values()) {
    if (!reached.has(name)) report(at, `No state leads to "${name}"; remove it, or lead to it.`);
    ends ||= type === "Succeed" || type === "Fail" || body.End === true;
  }
  if (!ends)
    report(
      inScope(scope, "States"),
      "There is no end: one state must have End: true, or be a Succeed or Fail.",
    );
}
