import { isJsonObject, type JsonObject } from "../../model/json/json.ts";
import type { WaitKind } from "../../model/machines/task-events.ts";
import { denialCatchers } from "../gates/denial.ts";
import type { Exits } from "../gates/exits.ts";
import { type EventFields, makeGate } from "../gates/gate.ts";
import { foreseenFailure, isRecorded, isStep } from "../gates/gated.ts";
import { isTopLevel, type MadeStates, type Plan, pathVariable } from "../gates/plan.ts";
import { visitPath } from "../gates/visit-path.ts";
import { departure } from "../history/continuation.ts";
import { growthOf } from "../history/history-events.ts";
import { type Foreseen, foresee } from "../parse/data-path.ts";
import { asTemplate, constant, type Expression, object } from "../parse/jsonata-text.ts";
import type { Scope, StateNode } from "../parse/machine.ts";
import { humanKind, sluiceField } from "../parse/sluice-field.ts";

/** Inputs longer than this are read from the execution's history when somebody asks, so that the largest legal one passes. */
const MAX_INPUT_CHARACTERS = 50_000;

const INPUT: Expression = `$length($string($states.input)) < ${MAX_INPUT_CHARACTERS} ? $states.input`;

/**
 * Steps whose normal end leads straight to where `leads` says, and none of whose caught errors may come there unseen: a catcher's
 * target that has a gate leaves a step of its own between the two.
 */
export function stepsBefore(scope: Scope, leads: (body: JsonObject) => boolean, target?: string): string[] {
  return [...scope.states.values()]
    .filter(({ type, body }) => isStep(type) && leads(body) && !catchesUnseen(scope, body, target))
    .map(({ name }) => name);
}

const catchesUnseen = (scope: Scope, { Catch: list }: JsonObject, target: string | undefined): boolean =>
  Array.isArray(list) &&
  list.some((entry) => {
    if (!isJsonObject(entry) || typeof entry.Next !== "string") return false;
    const next = scope.states.get(entry.Next);
    if (next === undefined || next.type === "Fail") return false;
    return entry.Next === target || !isRecorded(next);
  });

const listOf = (names: readonly string[]): Expression | undefined =>
  names.length === 0 ? undefined : constant([...names]);

export const deadline = (plan: Plan): EventFields =>
  plan.timeoutSeconds === undefined ? {} : { timeoutSeconds: constant(plan.timeoutSeconds) };

/** More names than this are left out of the gate's payload, which has a limit: then the history tells the ends of those steps. */
const MAX_NAMES_BYTES = 8_192;

export const rawInput = (before: readonly string[]): EventFields => ({
  input: INPUT,
  after: Buffer.byteLength(JSON.stringify(before)) > MAX_NAMES_BYTES ? undefined : listOf(before),
});

/** What the state waits on, if it does, and until when. */
function waitingOn(
  state: StateNode,
): { readonly kind: WaitKind; readonly until: Readonly<Record<string, Foreseen | undefined>> } | undefined {
  if (state.type === "Wait") {
    return {
      kind: "delay",
      until: {
        seconds: foresee(state, "Seconds", "number"),
        timestamp: foresee(state, "Timestamp", "string"),
      },
    };
  }
  const kind =
    humanKind(state) ?? (String(state.body.Resource).endsWith(".waitForTaskToken") ? "callback" : undefined);
  return kind && { kind, until: { seconds: foresee(state, "TimeoutSeconds", "number") } };
}

/** The gate before a state, with everything that its visit says. */
export function makeStateGate(
  plan: Plan,
  state: StateNode,
  exits: Exits,
  entryOf: (name: string) => string,
  made: MadeStates,
): void {
  const path = visitPath(state.scope);
  const { depth } = state.scope;
  const common = {
    role: "gate",
    subject: state.name,
    depth,
    visit: { state: constant(state.name), path: path.expression },
    onPass: { Next: state.name },
  };
  if (!isStep(state.type)) {
    const { error, cause } = foreseenFailure(state) ?? {};
    makeGate(
      plan,
      {
        ...common,
        kind: "fail",
        ...withDetails(deadline(plan), { error, cause }),
        refusals: () => exits.ofGate(undefined, ""),
      },
      made,
    );
    return;
  }
  const { requires, cost } = sluiceField(state);
  const wait = waitingOn(state);
  const leave =
    plan.continueAsNew && isTopLevel(state)
      ? { Next: departure(plan, plan.continueAsNew), point: state.name }
      : undefined;
  const before = stepsBefore(state.scope, (body) => body.Next === state.name, state.name);
  const fields: EventFields = {
    type: constant(state.type),
    ...rawInput(before),
    requires: listOf(requires),
    cost: cost === undefined ? undefined : constant(cost),
    ...deadline(plan),
    growth: leave && constant(growthOf(state)),
  };
  // What is further in, and a human step's own payload, read the path of this visit from a variable.
  const keepsPath = path.constant === undefined && (state.inner.length > 0 || humanKind(state) !== undefined);
  makeGate(
    plan,
    {
      ...common,
      kind: wait === undefined ? "step" : "wait",
      ...(leave === undefined ? {} : { leave }),
      ...(wait === undefined ? { fields } : withWait(fields, wait)),
      ...(keepsPath ? { assign: { [pathVariable(depth)]: asTemplate(path.expression) } } : {}),
      refusals: (entered) => [...denialCatchers(plan, state, entryOf, made), ...exits.ofGate(state, entered)],
    },
    made,
  );
}

type Details = Readonly<Record<string, Foreseen | undefined>>;

const expressions = (details: Details): EventFields =>
  Object.fromEntries(Object.entries(details).map(([key, value]) => [key, value?.expression]));

const safeOnes = (details: Details): Details =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => value?.mayFail !== true));

const mayFail = (details: Details): boolean =>
  Object.values(details).some((value) => value?.mayFail === true);

function withDetails(
  fields: EventFields,
  details: Details,
): { fields: EventFields; safeFields?: EventFields } {
  const whole = { ...fields, ...expressions(details) };
  return mayFail(details)
    ? { fields: whole, safeFields: { ...fields, ...expressions(safeOnes(details)) } }
    : { fields: whole };
}

function withWait(
  fields: EventFields,
  { kind, until }: { kind: WaitKind; until: Details },
): { fields: EventFields; safeFields?: EventFields } {
  const of = (details: Details): EventFields => ({
    ...fields,
    waitingOn: object({ kind: constant(kind), ...expressions(details) }),
  });
  return mayFail(until) ? { fields: of(until), safeFields: of(safeOnes(until)) } : { fields: of(until) };
}
