import { type Scope, type StateNode, transitionsOf } from "../parse/machine.ts";

/** The states of a scope that are part of a loop. Only states in `among` count. */
export function loopingStates(
  scope: Scope,
  among: (state: StateNode) => boolean = () => true,
): readonly StateNode[] {
  const nodes = new Map([...scope.states].filter(([, state]) => among(state)));
  const next = new Map(
    [...nodes].map(([name, state]) => [
      name,
      [...new Set(transitionsOf(state).map(({ target }) => target))].filter((target) => nodes.has(target)),
    ]),
  );
  const left = withoutEntrances(next);
  return [...nodes.values()].filter(({ name }) => left.has(name) && leadsBack(next, name));
}

/** Repeatedly removes the states to which no transition leads. In most flows, no state remains. */
function withoutEntrances(next: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const incoming = new Map<string, number>();
  for (const targets of next.values())
    for (const target of targets) incoming.set(target, (incoming.get(target) ?? 0) + 1);
  const left = new Set(next.keys());
  const open = [...left].filter((name) => !incoming.has(name));
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    left.delete(name);
    for (const target of next.get(name) ?? []) {
      const others = (incoming.get(target) ?? 0) - 1;
      incoming.set(target, others);
      if (others === 0) open.push(target);
    }
  }
  return left;
}

function leadsBack(next: ReadonlyMap<string, readonly string[]>, start: string): boolean {
  const reached = new Set<string>();
  const open = [...(next.get(start) ?? [])];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (name === start) return true;
    if (reached.has(name)) continue;
    reached.add(name);
    open.push(...(next.get(name) ?? []));
  }
  return false;
}
