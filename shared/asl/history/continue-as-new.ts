import type { JsonObject } from "../../model/json/json.ts";
import { type ContinueEvent, TASK_ERRORS, TASK_EVENT_VERSION } from "../../model/machines/task-events.ts";
import { assignmentsOf } from "../checks/variables.ts";
import { attachedHandlers, makeEnding, makeUnreachableEnd, originField } from "../gates/attached.ts";
import { isGated } from "../gates/gated-states.ts";
import { BAD_EXPRESSION, type Catcher, ownHandlers, UNCHANGED, WITHOUT_RUN } from "../gates/handlers.ts";
import { asTemplate, constant, type Expression, inStates, objectOfStates } from "../gates/jsonata-text.ts";
import {
  type ContinueAsNewPlan,
  functionName,
  jsonataState,
  KEPT_VARIABLE,
  lambdaInvoke,
  type MadeStates,
  ORIGIN,
  type Plan,
  POINT_VARIABLE,
} from "../gates/plan.ts";
import type { Machine } from "../parse/machine.ts";
import { loopingStates } from "./loops.ts";

/**
 * Only flows whose top level loops through a gate continue as new. Every top-level gate of such a flow is a point, so that the
 * history budget covers every stretch between two gates.
 */
export function continueAsNewPlan(machine: Machine): ContinueAsNewPlan | undefined {
  const { top } = machine;
  if (!loopingStates(top).some(isGated)) return undefined;
  const points = [...top.states.values()].filter((state) => isGated(state) && state.type !== "Fail");
  return { points: points.map(({ name }) => name), variables: variablesOf(machine).kept };
}

/** The plan of an arrival machine: executions begin at any top-level state, with or without a gate. */
export const arrivalPlan = (machine: Machine): ContinueAsNewPlan => ({
  points: [...machine.top.states.keys()],
  variables: variablesOf(machine).kept,
});

/**
 * The top-level variables. One that only a catcher assigns can also exist in an inner scope, and then no generated state can
 * assign it: it is lost.
 */
export function variablesOf(machine: Machine): { readonly kept: string[]; readonly lost: string[] } {
  const inner = new Set<string>();
  const outer = new Set<string>();
  for (const state of machine.all) {
    if (state.scope.distributed) continue;
    for (const { name } of assignmentsOf(state)) (state.scope.depth === 0 ? outer : inner).add(name);
  }
  const names = [...outer];
  return { kept: names.filter((name) => !inner.has(name)), lost: names.filter((name) => inner.has(name)) };
}

/** The name of the first state of the departure, before the states are made. */
export const departure = (plan: Plan, { variables: [first] }: ContinueAsNewPlan): string =>
  first === undefined ? plan.names.of("hand over") : plan.names.of("keep", first);

/**
 * Adds the states that leave an execution. A separate call keeps each variable, because one variable can be as large as a
 * whole payload. An unassigned variable fails its expression and is skipped. The execution then ends quietly.
 */
export function makeDeparture(plan: Plan, { variables }: ContinueAsNewPlan, made: MadeStates): void {
  const leave = plan.names.of("hand over");
  for (const [index, variable] of variables.entries()) {
    const following = variables[index + 1];
    const next = following === undefined ? leave : plan.names.of("keep", following);
    const fields = { variable: constant(variable), value: `$${variable}` };
    const name = plan.names.of("keep", variable);
    const skipped = { ErrorEquals: [BAD_EXPRESSION], Output: UNCHANGED, Next: next };
    const tooLarge = { ErrorEquals: ["States.DataLimitExceeded"], Next: tooLargeFor(plan, variable, made) };
    ownTask(plan, { name, part: "keep", fields, catches: [skipped, tooLarge], next }, made);
  }
  const left = plan.names.of("left");
  made.set(left, { Type: "Succeed" });
  const fields = { state: `$${POINT_VARIABLE}` };
  ownTask(plan, { name: leave, part: "leave", fields, next: left }, made);
}

function tooLargeFor(plan: Plan, variable: string, made: MadeStates): string {
  const name = plan.names.of("too large", variable);
  made.set(name, {
    Type: "Fail",
    Error: "Sluice.HistoryLimit",
    Cause: `The execution's history is full, and the variable ${variable} is too large to be taken into a fresh execution`,
  });
  return name;
}

/**
 * Adds the states that begin an execution, and returns the name of the first one. The first execution of a run goes straight to the
 * flow's start; a later one, to the place where the run continues.
 */
export function makeArrival(
  plan: Plan,
  points: ContinueAsNewPlan,
  to: ArrivalTargets,
  made: MadeStates,
): string {
  const begin = plan.names.of("begin");
  const condition = `$substringAfter($states.context.Execution.Name,'.')='1'`;
  made.set(begin, choice(plan, condition, to.start, arrivalName(plan)));
  makePlace(plan, points, to, made);
  return begin;
}

/** The name of the first state of an arrival, before the states are made. */
export const arrivalName = (plan: Plan): string => plan.names.of("arrive");

/**
 * Adds the states that lead an execution of an attached flow to the place where its run continues. Its first gate leads there, so that all
 * other executions enter no state more. One that finds no place fails: from the start, it would repeat the steps of its run.
 */
export function makeAttachedArrival(
  plan: Plan,
  points: ContinueAsNewPlan,
  to: ArrivalTargets,
  made: MadeStates,
): void {
  const start = plan.names.of("no place");
  const Cause = "The state at which the run is to continue is not in this definition.";
  made.set(start, { Type: "Fail", Error: TASK_ERRORS.notARun, Cause });
  makePlace(plan, points, { ...to, start }, made);
}

const choice = (plan: Plan, condition: Expression, Next: string, Default: string): JsonObject => ({
  Type: "Choice",
  ...jsonataState(plan),
  Choices: [{ Condition: asTemplate(condition), Next }],
  Default,
});

/**
 * Adds the states that ask for the names of what the predecessor kept, restore each variable and the state's input with a separate call,
 * since each can be as large as a whole payload, and go to the gate of that state. Without a place, the flow's start follows.
 */
function makePlace(
  plan: Plan,
  { points, variables }: ContinueAsNewPlan,
  { start, gateOf, end }: ArrivalTargets,
  made: MadeStates,
): void {
  const name = (role: string, subject?: string) => plan.names.of(role, subject);
  const arrive = arrivalName(plan);
  const arrived = name("arrived");
  const input = name("take up");
  const [first] = variables;
  const kept = { Assign: { [KEPT_VARIABLE]: asTemplate(result(plan)) } };
  ownTask(plan, { name: arrive, part: "arrive", fields: {}, next: arrived, more: kept }, made);
  const onwards = first === undefined ? input : name("kept", first);
  made.set(arrived, choice(plan, `$exists($${KEPT_VARIABLE}.state)`, onwards, start));
  for (const [index, variable] of variables.entries()) {
    const following = variables[index + 1];
    const next = following === undefined ? input : name("kept", following);
    const restore = name("restore", variable);
    made.set(
      name("kept", variable),
      choice(plan, `${constant(variable)} in $${KEPT_VARIABLE}.variables`, restore, next),
    );
    const fields = { variable: constant(variable) };
    const more = { Assign: { [variable]: asTemplate(result(plan)) } };
    ownTask(plan, { name: restore, part: "variable", fields, next, more }, made);
  }
  const goOn = name("go on");
  const more = { Output: asTemplate(result(plan)) };
  ownTask(plan, { name: input, part: "input", fields: {}, next: goOn, more }, made);
  made.set(goOn, {
    Type: "Choice",
    ...jsonataState(plan),
    Choices: [
      ...points.map((point) => ({ point, Next: gateOf(point) })),
      ...(end === undefined ? [] : [{ point: THE_END, Next: end }]),
    ].map(({ point, Next }) => ({
      Condition: asTemplate(`$${KEPT_VARIABLE}.state=${constant(point)}`),
      Next,
    })),
    Default: start,
  });
}

/** The name under which a run is sent to the end of its flow. */
export const THE_END = "";

interface ArrivalTargets {
  readonly start: string;
  readonly gateOf: (state: string) => string;
  /** The gate at the end of the flow, if executions may begin there. */
  readonly end?: string;
}

interface OwnTask {
  readonly name: string;
  readonly part: ContinueEvent["part"];
  readonly fields: Readonly<Record<string, Expression>>;
  readonly catches?: readonly Catcher[];
  readonly next: string;
  readonly more?: JsonObject;
}

/** The function's result. An attached flow knows the function only by its name, so Lambda's response is around the result. */
const result = ({ attached }: Plan): Expression =>
  attached === undefined ? "$states.result" : "$states.result.Payload";

/** Adds a call of Sluice's function. The function itself is the Resource, so that its result is not wrapped in Lambda's response. */
function ownTask(plan: Plan, task: OwnTask, made: MadeStates): void {
  const { name, part, fields, catches = [], next, more } = task;
  const event = asTemplate(
    objectOfStates({
      v: constant(TASK_EVENT_VERSION),
      at: inStates(ORIGIN),
      flow: constant(plan.constants.flowId),
      part: constant(part),
      ...fields,
      ...originField(plan),
    }),
  );
  const isAttached = plan.attached !== undefined;
  made.set(name, {
    Type: "Task",
    ...jsonataState(plan),
    ...(isAttached
      ? {
          Resource: lambdaInvoke(plan),
          Arguments: { FunctionName: functionName(plan.functions.gate), Payload: event },
        }
      : { Resource: plan.functions.continueAsNew, Arguments: event }),
    Output: UNCHANGED,
    ...more,
    ...(isAttached
      ? attachedHandlers(makeUnreachableEnd(plan, made), makeEnding(plan, made))
      : ownHandlers(catches, WITHOUT_RUN)),
    Next: next,
  });
}
