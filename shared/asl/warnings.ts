import type { Machine, StateNode } from "./machine.ts";
import { isGated } from "./state-gate.ts";

/** Step Functions ends an execution whose history grows beyond this. */
const MOST_EVENTS = 25_000;
/** Entered, scheduled, started, succeeded, exited. */
const EVENTS_OF_A_GATE = 5;
const EVENTS_OF_A_TASK = 5;
const EVENTS_OF_ANOTHER_STATE = 2;
/** Started and succeeded. */
const EVENTS_OF_AN_ITERATION = 2;

/** What an author should know about a flow that is fine otherwise. */
export function structureWarnings(machine: Machine): string[] {
  return machine.all.flatMap((state) => {
    if (state.type !== "Map" || state.scope.distributed) return [];
    const distributed = state.inner.some((scope) => scope.distributed);
    return distributed ? [childrenNotGated(state)] : wideMap(state);
  });
}

const childrenNotGated = (state: StateNode): string =>
  `${state.at}: the children of a Distributed Map have no gates; a pause holds before and after the Map, not inside it.`;

function wideMap(state: StateNode): string[] {
  const { gates, events } = eventsOfAnIteration(state);
  if (gates === 0) return [];
  const most = Math.floor(MOST_EVENTS / events);
  const { Items: items } = state.body;
  if (Array.isArray(items) && items.length * events < MOST_EVENTS * 0.8) return [];
  return [
    `${state.at}: an iteration takes about ${events} events with its gates, and six more for each pause, so that about ${most} items bring the ` +
      `execution to Step Functions' limit of ${MOST_EVENTS} events.`,
  ];
}

function eventsOfAnIteration(state: StateNode): { gates: number; events: number } {
  const total = { gates: 0, events: EVENTS_OF_AN_ITERATION };
  const open = [...state.inner];
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    for (const inner of scope.states.values()) {
      if (isGated(inner)) total.gates += 1;
      total.events += inner.type === "Task" ? EVENTS_OF_A_TASK : EVENTS_OF_ANOTHER_STATE;
      open.push(...inner.inner);
    }
  }
  total.events += total.gates * EVENTS_OF_A_GATE;
  return total;
}
