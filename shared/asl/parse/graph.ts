import { type Machine, type Scope, type StateNode, type StateType, transitionsOf } from "./machine.ts";
import { readMachine } from "./parse.ts";
import { sluiceField } from "./sluice-field.ts";
import { reachableFrom } from "./structure.ts";

/** The machine of a definition, as far as it has one. */
export const machineOf = (definition: unknown): Machine | undefined =>
  readMachine(definition, () => undefined);

/** A state as a graph shows it. */
export interface StateEntry {
  readonly name: string;
  readonly type: StateType;
  /** The Parallel or Map that it is inside of. */
  readonly within?: string;
  readonly leadsTo: readonly string[];
}

/** All states of a definition, containers before their contents. Empty for what is no definition. */
export function listStates(definition: unknown): StateEntry[] {
  return (machineOf(definition)?.all ?? []).map((state) => ({
    name: state.name,
    type: state.type,
    ...(state.scope.owner === undefined ? {} : { within: state.scope.owner.state.name }),
    leadsTo: [...new Set(transitionsOf(state).map(({ target }) => target))],
  }));
}

export const stateNames = (definition: unknown): string[] => listStates(definition).map(({ name }) => name);

/** The top-level state that holds the named one, or is it. */
export function topLevelStateOf(definition: unknown, name: string): string | undefined {
  const state = machineOf(definition)?.all.find((candidate) => candidate.name === name);
  return state && outermost(state).name;
}

function outermost(state: StateNode): StateNode {
  let outer = state;
  while (outer.scope.owner !== undefined) outer = outer.scope.owner.state;
  return outer;
}

/** These states and all that stand inside of them. */
export function withContents(states: Iterable<StateNode>): StateNode[] {
  const found: StateNode[] = [];
  const open = [...states];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    found.push(state);
    for (const scope of state.inner) open.push(...scope.states.values());
  }
  return found;
}

export const statesNamed = (scope: Scope, names: Iterable<string>): StateNode[] =>
  [...names].flatMap((name) => scope.states.get(name) ?? []);

/** Where a run stands in its flow. */
export interface Standpoint {
  /** Absent: at the flow's beginning. */
  readonly state?: string;
  /** Its own gate is behind the run: only what is inside of it and after it lies ahead. */
  readonly entered: boolean;
}

/**
 * The states that a run may still come to, with what each requires, in the order of the text.
 * From inside a Parallel or Map this counts the whole of it, since other branches and iterations may not be that far.
 */
export function statesAhead(
  definition: unknown,
  { state, entered }: Standpoint = { entered: false },
): { readonly name: string; readonly requires: readonly string[] }[] {
  const machine = machineOf(definition);
  if (machine === undefined) return [];
  const name = state === undefined ? machine.top.startAt : topLevelStateOf(definition, state);
  const from = name === undefined ? undefined : machine.top.states.get(name);
  if (from === undefined) return [];
  const starts = entered ? transitionsOf(from).map(({ target }) => target) : [from.name];
  const ahead = new Set(withContents(statesNamed(machine.top, reachableFrom(machine.top, starts))));
  if (entered) for (const inside of withContents([from])) if (inside !== from) ahead.add(inside);
  return machine.all
    .filter((one) => ahead.has(one))
    .map((one) => ({ name: one.name, requires: sluiceField(one).requires }));
}
