import { reachableFrom, statesNamed, withContents } from "./parse/graph.ts";
import type { Machine } from "./parse/machine.ts";
import { statesBefore } from "./replay.ts";

/** The position that a run has reached. */
export interface Reached {
  /** A top-level state; any other text is the end of the flow. */
  readonly state: string;
  /** Whether the state itself has begun. */
  readonly entered: boolean;
}

/**
 * Returns the names of the tasks that a run may have called on its way to a position, and that it reaches again when it continues at a
 * top-level state, perhaps of another version. In the order of that version's definition; a Choice may still pass some of them by.
 */
export function callsAgain(
  machine: Machine,
  { state, entered }: Reached,
  to: { readonly machine: Machine; readonly at: string },
): string[] {
  const own = machine.top.states.get(state);
  const behind =
    own === undefined
      ? [...machine.top.states.values()]
      : [...statesBefore(machine, state), ...(entered ? [own] : [])];
  const called = new Set(
    withContents(behind)
      .filter(({ type }) => type === "Task")
      .map(({ name }) => name),
  );
  const { top, all } = to.machine;
  const ahead = new Set(withContents(statesNamed(top, reachableFrom(top, [to.at]))));
  return all
    .filter((one) => one.type === "Task" && ahead.has(one) && called.has(one.name))
    .map(({ name }) => name);
}
