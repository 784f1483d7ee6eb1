import { MAX_HISTORY_EVENTS } from "../../model/limits.ts";
import { isGated } from "../gates/gated-states.ts";
import { expressionsOf } from "../parse/expressions.ts";
import { type FreeReason, freeReason } from "../parse/free-children.ts";
import { type Machine, type StateNode, scopesOf } from "../parse/machine.ts";
import { continueAsNewPlan, variablesOf } from "./continue-as-new.ts";
import {
  EVENTS_OF_A_GATE,
  EVENTS_OF_A_TASK,
  EVENTS_OF_AN_ITERATION,
  EVENTS_OF_ANOTHER_STATE,
} from "./history-budget.ts";
import { loopingStates } from "./loops.ts";

/** Warnings about gates and history limits of a valid flow. `mayContinue`: whether its runs can continue in a fresh execution. */
export function structureWarnings(machine: Machine, mayContinue: boolean): string[] {
  const maps = machine.all.flatMap((state) => {
    if (state.type !== "Map" || state.scope.distributed) return [];
    return state.inner.some(({ isChild }) => isChild) ? [] : wideMap(state);
  });
  const children = mayContinue ? freeChildren : attachedChildren;
  const loops = mayContinue ? loopWarnings : boundedLoops;
  return [...machine.all.flatMap(children), ...maps, ...loops(machine)];
}

const REASONS: Readonly<Record<FreeReason, string | undefined>> = {
  asked: undefined,
  express: "because they are EXPRESS executions, and a pause can outlast those",
  results:
    'because ResultWriter writes their inputs, which would contain Sluice\'s wrapper. Confirm with `Sluice: {Children: "free"}`, or leave ResultWriter out',
  input:
    "because a state reads `Execution.Input` or the whole context object, which would contain Sluice's wrapper. Confirm with `Sluice: {Children: \"free\"}`, or read the state's input",
};

/** Warns about a Distributed Map in an attached flow. */
const attachedChildren = ({ inner, at }: StateNode): string[] =>
  inner.some(({ isChild }) => isChild)
    ? [
        `${at}: the children of this Distributed Map have no gates in an attached flow. A pause takes effect before and after the Map, not inside it.`,
      ]
    : [];

/** Warns about a Distributed Map whose children have no gates, unless the definition says so. */
function freeChildren({ body, scope, inner, at }: StateNode): string[] {
  const [child] = inner;
  if (child?.isChild !== true || scope.free) return [];
  const reason = freeReason(body, child.body);
  const why = reason && REASONS[reason];
  return why === undefined
    ? []
    : [
        `${at}: the children of this Distributed Map have no gates, ${why}. A pause takes effect before and after the Map, not inside it.`,
      ];
}

function wideMap(state: StateNode): string[] {
  const { gates, events } = eventsOfAnIteration(state);
  if (gates === 0) return [];
  const maxItems = Math.floor(MAX_HISTORY_EVENTS / events);
  const { Items: items } = state.body;
  if (Array.isArray(items) && items.length * events < MAX_HISTORY_EVENTS * 0.8) return [];
  return [
    `${state.at}: an iteration adds about ${events} events to the execution's history, gates included, and each pause six more. ` +
      `About ${maxItems} items reach Step Functions' limit of ${MAX_HISTORY_EVENTS} events.`,
  ];
}

function eventsOfAnIteration(state: StateNode): { gates: number; events: number } {
  const total = { gates: 0, events: EVENTS_OF_AN_ITERATION };
  const open = [...state.inner];
  for (let scope = open.pop(); scope !== undefined; scope = open.pop()) {
    for (const inner of scope.states.values()) {
      if (isGated(inner)) total.gates += 1;
      total.events += inner.type === "Task" ? EVENTS_OF_A_TASK : EVENTS_OF_ANOTHER_STATE;
      open.push(...inner.inner.filter(({ isChild }) => !isChild));
    }
  }
  total.events += total.gates * EVENTS_OF_A_GATE;
  return total;
}

/** The properties that differ between the executions of a run: name, ARN and start time. */
const OF_ONE_EXECUTION = /(\$\$|\$states\s*\.\s*context)\s*\.\s*Execution\b(?!\s*\.\s*(Input|RoleArn)\b)/;

/** Warnings about loops that can fill an execution's history, and about data that is lost when a run continues as new. */
function loopWarnings(machine: Machine): string[] {
  const found: string[] = [];
  for (const scope of scopesOf(machine)) {
    if (scope.distributed) continue;
    const [state] = loopingStates(scope, scope.owner === undefined ? (one) => !isGated(one) : undefined);
    if (state === undefined) continue;
    found.push(
      scope.owner === undefined
        ? `${state.at}: this loop has no gate, so the run cannot continue as new when the history of its execution is full.`
        : `${state.at}: a loop inside a Parallel or Map cannot continue as new. All its iterations must fit into the history of one execution.`,
    );
  }
  return continueAsNewPlan(machine) === undefined ? found : [...found, ...continueAsNewWarnings(machine)];
}

/** Warns about loops in an attached flow, whose runs cannot continue in another execution because a caller may wait for the first. */
const boundedLoops = (machine: Machine): string[] =>
  scopesOf(machine).flatMap((scope) => {
    const [state] = scope.distributed ? [] : loopingStates(scope);
    if (state === undefined) return [];
    return [
      `${state.at}: this loop must end within one execution, because a run of an attached flow cannot continue as new. ` +
        `Its gates and pauses add to the history, and the execution fails at ${MAX_HISTORY_EVENTS} events.`,
    ];
  });

function continueAsNewWarnings(machine: Machine): string[] {
  const readers = machine.all.filter(readsItsExecution);
  return [
    ...readers.map(
      ({ at }) =>
        `${at}: reads the name, ARN or start time of the execution, which change when a long loop continues as new.`,
    ),
    ...variablesOf(machine).lost.map(
      (name) =>
        `The variable "${name}" is also assigned inside a Parallel or Map, so it is lost when a long loop continues as new.`,
    ),
  ];
}

const readsItsExecution = (state: StateNode): boolean =>
  !state.scope.distributed && expressionsOf(state).some((text) => OF_ONE_EXECUTION.test(text));
