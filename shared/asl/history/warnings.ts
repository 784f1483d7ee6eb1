import { MAX_HISTORY_EVENTS } from "../../model/limits.ts";
import { isGated } from "../gates/gated.ts";
import type { Machine, StateNode } from "../parse/machine.ts";
import {
  EVENTS_OF_A_GATE,
  EVENTS_OF_A_TASK,
  EVENTS_OF_AN_ITERATION,
  EVENTS_OF_ANOTHER_STATE,
} from "./history-events.ts";
import { loopWarnings } from "./loop-warnings.ts";

/** What an author should know about a flow that is fine otherwise. */
export function structureWarnings(machine: Machine): string[] {
  const maps = machine.all.flatMap((state) => {
    if (state.type !== "Map" || state.scope.distributed) return [];
    const distributed = state.inner.some((scope) => scope.distributed);
    return distributed ? [childrenNotGated(state)] : wideMap(state);
  });
  return [...maps, ...loopWarnings(machine)];
}

const childrenNotGated = (state: StateNode): string =>
  `${state.at}: the children of a Distributed Map have no gates; a pause holds before and after the Map, not inside it.`;

function wideMap(state: StateNode): string[] {
  const { gates, events } = eventsOfAnIteration(state);
  if (gates === 0) return [];
  const most = Math.floor(MAX_HISTORY_EVENTS / events);
  const { Items: items } = state.body;
  if (Array.isArray(items) && items.length * events < MAX_HISTORY_EVENTS * 0.8) return [];
  return [
    `${state.at}: an iteration takes about ${events} events with its gates, and six more for each pause, so that about ${most} items bring the ` +
      `execution to Step Functions' limit of ${MAX_HISTORY_EVENTS} events.`,
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
