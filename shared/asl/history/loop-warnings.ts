import { isGated } from "../gates/gated.ts";
import { expressionsOf } from "../parse/expressions.ts";
import { type Machine, type StateNode, scopesOf } from "../parse/machine.ts";
import { continuationOf, variablesOf } from "./continuation.ts";
import { loopingStates } from "./loops.ts";

/** What differs from one execution to the next: its name and ARN, and when it started. */
const OF_ONE_EXECUTION = /(\$\$|\$states\s*\.\s*context)\s*\.\s*Execution\b(?!\s*\.\s*(Input|RoleArn)\b)/;

/** Loops that can come to the end of an execution's history, and what a fresh execution cannot give back. */
export function loopWarnings(machine: Machine): string[] {
  const found: string[] = [];
  for (const scope of scopesOf(machine)) {
    if (scope.distributed) continue;
    const [state] = loopingStates(scope, scope.owner === undefined ? (one) => !isGated(one) : undefined);
    if (state === undefined) continue;
    found.push(
      scope.owner === undefined
        ? `${state.at}: this loop passes no gate before a state, so a run cannot go on in a fresh execution when its history is full.`
        : `${state.at}: a loop inside a Parallel or Map cannot go on in a fresh execution; all of it has to fit into one history.`,
    );
  }
  return continuationOf(machine) === undefined ? found : [...found, ...ofFreshExecutions(machine)];
}

function ofFreshExecutions(machine: Machine): string[] {
  const readers = machine.all.filter(readsItsExecution);
  return [
    ...readers.map(
      ({ at }) =>
        `${at}: it reads the execution's name, ARN or start, which change when a long loop goes on in a fresh execution.`,
    ),
    ...variablesOf(machine).left.map(
      (name) =>
        `The variable "${name}" is assigned inside a Parallel or Map too, so it is not taken along when a long loop goes on in a fresh execution.`,
    ),
  ];
}

const readsItsExecution = (state: StateNode): boolean =>
  !state.scope.distributed && expressionsOf(state).some((text) => OF_ONE_EXECUTION.test(text));
