import type { Machine, StateNode } from "../../../shared/asl/parse/machine.ts";
import { type Call, ENDLESS, type Outcome } from "./outcome.ts";

/** Returns the differences between a run with Sluice and one without; empty if there are none. */
export function differencesBetween(machine: Machine, raw: Outcome, withSluice: Outcome): string[] {
  if (raw.status === ENDLESS && withSluice.status === ENDLESS)
    return surplus(once(raw.received), once(withSluice.received));
  const aborted = abortedStates(machine, [...raw.failedAt, ...withSluice.failedAt]);
  const certain = ({ calls }: Outcome) => calls.filter(({ state }) => !aborted.has(state));
  return [
    ...(["status", "output", "error", "cause"] as const).flatMap((field) =>
      raw[field] === withSluice[field] || (field === "cause" && isCut(withSluice.cause, raw.cause))
        ? []
        : [`${field}: ${difference(withSluice[field], raw[field])}`],
    ),
    ...surplus(certain(raw), certain(withSluice)),
    ...(aborted.size > 0 ? [] : surplus(raw.received, withSluice.received)),
  ];
}

/** Whether a failure aborted branches or iterations. */
export const hasAborted = (machine: Machine, { failedAt }: Outcome): boolean =>
  abortedStates(machine, failedAt).size > 0;

/**
 * Returns the states of branches and iterations that a failure of a sibling aborts. How far they get is a race, even without Sluice, so their
 * calls cannot be compared.
 */
function abortedStates(machine: Machine, failedAt: readonly string[]): Set<string> {
  const byName = new Map(machine.all.map((state) => [state.name, state]));
  const failed = new Set<StateNode>();
  for (const name of failedAt)
    for (let state = byName.get(name); state !== undefined; state = state.scope.owner?.state) {
      if (state.type !== "Parallel" && state.type !== "Map") continue;
      failed.add(state);
    }
  const isInside = (state: StateNode): boolean => {
    for (let owner = state.scope.owner; owner !== undefined; owner = owner.state.scope.owner)
      if (failed.has(owner.state)) return true;
    return false;
  };
  return new Set(machine.all.filter(isInside).map(({ name }) => name));
}

/** The API cuts off a long cause, possibly in the middle of an id or a time. */
const isCut = (shown: string | undefined, whole: string | undefined): boolean =>
  shown !== undefined && whole !== undefined && shown.length > 1_000 && whole.startsWith(shown.slice(0, -50));

/** Ignores a small difference in the number of iterations of an endless loop before it is stopped. */
const once = (calls: readonly string[]): readonly string[] => [...new Set(calls)];

function surplus(raw: readonly (Call | string)[], withSluice: readonly (Call | string)[]): string[] {
  const counts = new Map<string, number>();
  const count = (calls: readonly (Call | string)[], step: number) => {
    for (const call of calls) {
      const text = typeof call === "string" ? call : JSON.stringify(call);
      counts.set(text, (counts.get(text) ?? 0) + step);
    }
  };
  count(raw, 1);
  count(withSluice, -1);
  return [...counts]
    .filter(([, difference]) => difference !== 0)
    .map(
      ([call, difference]) =>
        `calls: ${Math.abs(difference)} ${difference > 0 ? "missing" : "additional"}: ${call}`,
    );
}

/** The parts in which two texts differ. */
function difference(one = "nothing", other = "nothing"): string {
  let from = 0;
  while (from < one.length && one[from] === other[from]) from++;
  const at = Math.max(0, from - 60);
  return `${one.slice(at, from + 200)} instead of ${other.slice(at, from + 200)}`;
}
