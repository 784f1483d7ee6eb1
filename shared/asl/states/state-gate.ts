import type { JsonObject } from "../../model/json/json.ts";
import type { WaitKind } from "../../model/machines/task-events.ts";
import { accessDeniedCatcher } from "../gates/access-denied.ts";
import type { Catchers } from "../gates/catchers.ts";
import { unwraps, wrappedChild, wrappingIn } from "../gates/children.ts";
import { type Foreseen, foresee } from "../gates/foreseen-values.ts";
import { type EventFields, type GateSpec, makeGate } from "../gates/gate.ts";
import { asTemplate, constant, type Expression, object } from "../gates/jsonata-text.ts";
import { isTopLevel, type MadeStates, type Plan, pathVariable, visitVariable } from "../gates/plan.ts";
import { type BeforeIn, isLastByCompleting, type StepsBefore } from "../gates/steps-before.ts";
import { visitPath } from "../gates/visit-path.ts";
import { departure } from "../history/continue-as-new.ts";
import { eventsUntilNextGate } from "../history/history-budget.ts";
import type { StateNode } from "../parse/machine.ts";
import { humanKind, sluiceField } from "../parse/sluice-field.ts";

/** Longer inputs are omitted, so that the largest valid input passes. They are read from the execution's history on demand. */
const MAX_INPUT_CHARACTERS = "5e4";

/** In the object of a gate's event. */
const INPUT: Expression = `$length($string(input))<${MAX_INPUT_CHARACTERS}?input`;

const listOf = (names: readonly string[]): Expression | undefined =>
  names.length === 0 ? undefined : constant([...names]);

/** The deadline of the run, which its first gate sets. */
export const deadline = (plan: Plan): EventFields =>
  plan.timeoutSeconds === undefined ? {} : { timeoutSeconds: constant(plan.timeoutSeconds) };

/**
 * Longer lists of names are omitted from the gate's payload, which has a size limit. The history then shows when those steps
 * ended.
 */
const MAX_NAMES_BYTES = 8_192;

export const namesOf = (before: StepsBefore): StepsBefore =>
  Buffer.byteLength(JSON.stringify(before)) > MAX_NAMES_BYTES ? { exact: [], changed: [] } : before;

export const rawInput = (before: StepsBefore): EventFields => {
  const { exact, changed } = namesOf(before);
  return { input: INPUT, after: listOf(exact), completed: listOf(changed) };
};

/** The kind of a waiting state, and the end of the wait if known; undefined for a state that does not wait. */
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

interface GateContext {
  readonly catchers: Catchers;
  readonly entryOf: (name: string) => string;
  readonly before: BeforeIn;
  /** See `GateSpec`. */
  readonly arrive: string | undefined;
}

/** Adds the gate before a step. */
export function makeStateGate(
  plan: Plan,
  state: StateNode,
  { catchers, entryOf, before, arrive }: GateContext,
  made: MadeStates,
): void {
  const path = visitPath(state.scope);
  const { depth } = state.scope;
  const common = {
    role: "gate",
    subject: state.name,
    ...(isTopLevel(state) ? {} : { path }),
    onPass: { Next: state.name },
  };
  const { requires, cost } = sluiceField(state);
  const wait = state.scope.distributed ? undefined : waitingOn(state);
  const leave =
    plan.continueAsNew && isTopLevel(state)
      ? { Next: departure(plan, plan.continueAsNew), point: state.name }
      : undefined;
  const checks = { requires: listOf(requires), cost: cost === undefined ? undefined : constant(cost) };
  // Children record no steps.
  const fields: EventFields = state.scope.distributed
    ? checks
    : {
        type: state.type === "Task" ? undefined : constant(state.type),
        distributed: state.inner.some(({ isChild }) => isChild) ? constant(true) : undefined,
        ...rawInput(before(state.name)),
        last: isLastByCompleting(state, before) ? constant(true) : undefined,
        ...checks,
        ...deadline(plan),
        growth: leave && constant(eventsUntilNextGate(state)),
      };
  const wrap = ofChild(state);
  // Inner scopes and the payload of a human step read the path of this visit from a variable, the latter its EnteredTime too.
  const isHuman = humanKind(state) !== undefined;
  const keepsPath = path.constant === undefined && (state.inner.length > 0 || isHuman);
  const assign: JsonObject = {
    ...(isHuman ? { [visitVariable(depth)]: asTemplate("$states.context.State.EnteredTime") } : {}),
    ...(keepsPath ? { [pathVariable(depth)]: asTemplate(path.expression) } : {}),
    ...wrap?.assign,
  };
  makeGate(
    plan,
    {
      ...common,
      ...wrap?.spec,
      arrive,
      ...(leave === undefined ? {} : { leave }),
      ...(wait === undefined ? { fields } : withWait(fields, wait)),
      ...(Object.keys(assign).length === 0 ? {} : { assign }),
      ...(requires.length === 0
        ? {}
        : { denied: accessDeniedCatcher(plan, state, entryOf, made) ?? catchers.ofDenial() }),
    },
    made,
  );
}

/** The part of a gate that only a Distributed Map's child has. */
function ofChild(
  state: StateNode,
): { spec: Pick<GateSpec, "child" | "item">; assign?: JsonObject } | undefined {
  const child = wrappingIn(state.scope);
  if (child === undefined) return undefined;
  if (!unwraps(state)) return { spec: { child } };
  const { wrapping, item, variable } = wrappedChild(state.scope);
  return { spec: { child: wrapping, item }, assign: { [variable]: asTemplate(wrapping[0]) } };
}

type Details = Readonly<Record<string, Foreseen | undefined>>;

const expressions = (details: Details): EventFields =>
  Object.fromEntries(Object.entries(details).map(([key, value]) => [key, value?.expression]));

const safeOnes = (details: Details): Details =>
  Object.fromEntries(Object.entries(details).filter(([, value]) => value?.mayFail !== true));

const mayFail = (details: Details): boolean =>
  Object.values(details).some((value) => value?.mayFail === true);

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
