import { type Machine, type Scope, type StateNode, transitionsOf } from "./machine.ts";
import { readMachine } from "./read-machine.ts";
import { sluiceField } from "./sluice-field.ts";

/** The machine of a definition; undefined when the definition has none. */
export const machineOf = (definition: unknown): Machine | undefined =>
  readMachine(definition, () => undefined);

/** The names of a scope's states that can be reached from `starts`, including the starts. */
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

/** The top-level state that is or contains the named state. */
export function topLevelStateOf(definition: unknown, name: string): string | undefined {
  const state = machineOf(definition)?.all.find((candidate) => candidate.name === name);
  return state && outermost(state).name;
}

function outermost(state: StateNode): StateNode {
  let outer = state;
  while (outer.scope.owner !== undefined) outer = outer.scope.owner.state;
  return outer;
}

/** These states and all states inside them. */
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

/** A run's position in its flow. */
export interface Position {
  /** Absent at the beginning of the flow. */
  readonly state?: string;
  /** Whether the run has passed this state's own gate, so that only its contents and its successors lie ahead. */
  readonly entered: boolean;
}

/**
 * The states that a run can still reach, with the permissions that each requires, in the order of the definition. From inside a
 * Parallel or Map, all its contents count, because other branches and iterations may be further behind.
 */
export function statesAhead(
  definition: unknown,
  { state, entered }: Position = { entered: false },
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
