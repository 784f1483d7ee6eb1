import { assignmentsOf } from "./checks/variables.ts";
import { variablesOf } from "./history/continue-as-new.ts";
import { expressionsOf } from "./parse/expressions.ts";
import { machineOf, reachableFrom, statesNamed, withContents } from "./parse/graph.ts";
import { type Machine, type StateNode, transitionsOf } from "./parse/machine.ts";
import type { Report } from "./parse/problems.ts";
import { readMachine } from "./parse/read-machine.ts";

/** The reason why a run cannot be replayed from a state; undefined if it can. */
export function replayObstacle(definition: unknown, state: string): string | undefined {
  const machine = machineOf(definition);
  return machine === undefined ? "The definition cannot be read." : obstacle(machine, state);
}

function obstacle(machine: Machine, start: string): string | undefined {
  const state = machine.all.find(({ name }) => name === start);
  if (state === undefined) return `The flow has no state "${start}".`;
  const owner = state.scope.owner?.state;
  if (owner !== undefined)
    return `"${start}" is inside "${owner.name}". A replay can only start at a top-level state.`;

  const ahead = withContents(statesNamed(machine.top, reachableFrom(machine.top, [start])));
  const reader = ahead.find(readsExecutionInput);
  if (reader !== undefined)
    return `"${reader.name}" reads the execution's input, which in a replay from "${start}" would be the input of "${start}".`;

  const variables = new Set(
    statesBefore(machine, start).flatMap((earlier) => assignmentsOf(earlier).map(({ name }) => name)),
  );
  for (const variable of variables) {
    const needing = ahead.find((later) => readsVariable(later, variable));
    if (needing !== undefined)
      return `"${needing.name}" needs the variable "${variable}", which is assigned before "${start}".`;
  }
  return undefined;
}

/** The data that a run has when it continues at a state. */
interface ArrivalWith {
  /** Names of the variables. Absent for a run that starts its current state again, with the data that it has there. */
  readonly known?: ReadonlySet<string>;
  /** The input of its executions is that of a state. */
  readonly replayed: boolean;
}

/** The reason why a run cannot continue at a top-level state, or at the end of the flow; undefined if it can. */
export function arrivalObstacle(
  machine: Machine,
  at: string,
  { known, replayed }: ArrivalWith,
): string | undefined {
  const ahead = withContents(statesNamed(machine.top, reachableFrom(machine.top, [at])));
  const reader = replayed ? ahead.find(readsExecutionInput) : undefined;
  if (reader !== undefined)
    return `"${reader.name}" reads the execution's input, which in this replay is that of a step.`;
  for (const variable of variablesOf(machine).lost) {
    const needing = ahead.find((later) => readsVariable(later, variable));
    if (needing !== undefined)
      return `"${needing.name}" needs the variable "${variable}", which cannot be restored because an inner state assigns one of the same name.`;
  }
  const before = known === undefined ? [] : statesBefore(machine, at);
  for (const variable of new Set(before.flatMap((state) => assignmentsOf(state).map(({ name }) => name)))) {
    const needing = known?.has(variable) ? undefined : ahead.find((later) => readsVariable(later, variable));
    if (needing !== undefined)
      return `"${needing.name}" needs the variable "${variable}", which is assigned before "${at}". Give its value in variables.`;
  }
  return undefined;
}

/** The top-level states from which `target` can be reached, including itself if it is in a loop. */
export function statesBefore({ top }: Machine, target: string): StateNode[] {
  return [...top.states.values()].filter((state) =>
    reachableFrom(
      top,
      transitionsOf(state).map((transition) => transition.target),
    ).has(target),
  );
}

const PROPERTY_OF_EXECUTION = "(Id|Name|RoleArn|StartTime|RedriveCount|RedriveTime)";
/** The context object, except for fields that do not include the input. */
const JSONPATH_INPUT = new RegExp(
  `\\$\\$(?!\\.(State|StateMachine|Task|Map)\\b|\\.Execution\\.${PROPERTY_OF_EXECUTION}\\b)`,
);
const JSONATA_INPUT = new RegExp(
  "\\$states(?!\\s*\\.\\s*(input|result|errorOutput)\\b|\\s*\\.\\s*context\\s*\\.\\s*(State|StateMachine|Task|Map)\\b" +
    `|\\s*\\.\\s*context\\s*\\.\\s*Execution\\s*\\.\\s*${PROPERTY_OF_EXECUTION}\\b)`,
);

const readsExecutionInput = (state: StateNode): boolean =>
  expressionsOf(state).some((text) =>
    (state.language === "JSONPath" ? JSONPATH_INPUT : JSONATA_INPUT).test(text),
  );

/** Returns true even if the name is a local variable of an expression. */
const readsVariable = (state: StateNode, variable: string): boolean =>
  expressionsOf(state).some((text) =>
    [...text.matchAll(/\$([\p{ID_Start}_][\p{ID_Continue}]*)/gu)].some(([, name]) => name === variable),
  );

/** The same flow starting at a state, without the states that cannot be reached from there. */
export function startingAt(machine: Machine, state: string, report: Report): Machine | undefined {
  const reason = obstacle(machine, state);
  if (reason !== undefined) {
    report(`States.${state}`, reason);
    return undefined;
  }
  const reached = reachableFrom(machine.top, [state]);
  const states = statesNamed(machine.top, machine.top.states.keys()).filter(({ name }) => reached.has(name));
  const States = Object.fromEntries(states.map(({ name, body }) => [name, body]));
  return readMachine({ ...machine.body, StartAt: state, States }, report);
}
