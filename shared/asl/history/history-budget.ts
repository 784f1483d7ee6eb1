import { isJsonObject } from "../../model/json/json.ts";
import { isGated } from "../gates/gated-states.ts";
import { type StateNode, transitionsOf } from "../parse/machine.ts";
import { loopingStates } from "./loops.ts";

/**
 * The events of a state whose number the definition does not determine, such as a Map. Its gate needs an almost empty history.
 */
const UNKNOWN_EVENTS = 19_000;
/** Entered, scheduled, started, succeeded, exited. */
export const EVENTS_OF_A_GATE = 5;
export const EVENTS_OF_A_TASK = 5;
export const EVENTS_OF_ANOTHER_STATE = 2;
/** Started and succeeded. */
export const EVENTS_OF_AN_ITERATION = 2;

/** Scheduled, started, submitted, failed. */
const EVENTS_OF_AN_ATTEMPT = 4;
/** Map run started and ended, in addition to the state's own events. */
const EVENTS_OF_A_DISTRIBUTED_MAP = 6;
/** The default of MaxAttempts. */
const DEFAULT_ATTEMPTS = 3;

/** The maximum number of events from the gate of a state until the next gate of its scope. */
export function eventsUntilNextGate(state: StateNode): number {
  let events = EVENTS_OF_A_GATE + eventsOf(state);
  for (const ungated of ungatedAhead(state)) events += eventsOf(ungated);
  return Math.min(events, UNKNOWN_EVENTS);
}

function ungatedAhead(from: StateNode): ReadonlySet<StateNode> {
  const found = new Set<StateNode>();
  const open = [from];
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const { target } of transitionsOf(state)) {
      const next = state.scope.states.get(target);
      if (next === undefined || isGated(next) || found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}

function eventsOf(state: StateNode): number {
  const retries = attemptsOf(state);
  switch (state.type) {
    case "Task":
      return EVENTS_OF_ANOTHER_STATE + EVENTS_OF_AN_ATTEMPT * (1 + retries);
    case "Map":
      return state.inner.some(({ distributed }) => distributed)
        ? EVENTS_OF_ANOTHER_STATE + EVENTS_OF_A_DISTRIBUTED_MAP * (1 + retries)
        : UNKNOWN_EVENTS;
    case "Parallel":
      return EVENTS_OF_ANOTHER_STATE + (EVENTS_OF_ANOTHER_STATE + eventsInside(state)) * (1 + retries);
    default:
      return EVENTS_OF_ANOTHER_STATE;
  }
}

function eventsInside(container: StateNode): number {
  let events = 0;
  for (const scope of container.inner) {
    if (loopingStates(scope).length > 0) return UNKNOWN_EVENTS;
    for (const state of scope.states.values())
      events += eventsOf(state) + (isGated(state) ? EVENTS_OF_A_GATE : 0);
  }
  return events;
}

function attemptsOf({ body }: StateNode): number {
  if (!Array.isArray(body.Retry)) return 0;
  return body.Retry.filter(isJsonObject).reduce(
    (sum, { MaxAttempts: max }) => sum + (typeof max === "number" ? max : DEFAULT_ATTEMPTS),
    0,
  );
}
