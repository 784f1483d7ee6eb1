import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { type Catchers, NESTED_CATCHERS, topCatchers } from "../gates/catchers.ts";
import { isWrapped, makeUnwrapping, unwraps } from "../gates/children.ts";
import { withEnding } from "../gates/ending.ts";
import { makeGateOfFail } from "../gates/fail-gate.ts";
import { makeGate } from "../gates/gate.ts";
import { entryName, firstGates, isGated } from "../gates/gated-states.ts";
import { constant } from "../gates/jsonata-text.ts";
import { isTopLevel, type MadeStates, type Plan } from "../gates/plan.ts";
import { type BeforeIn, stepsBeforeIn } from "../gates/steps-before.ts";
import { arrivalName, makeArrival, makeAttachedArrival, makeDeparture } from "../history/continue-as-new.ts";
import type { Scope, StateNode } from "../parse/machine.ts";
import { humanKind } from "../parse/sluice-field.ts";
import { humanStep } from "./approvals-and-forms.ts";
import { hasInlineGate, inlineStep } from "./inline-gate.ts";
import { withErrorHandling } from "./retries-and-catches.ts";
import { deadline, makeStateGate, rawInput } from "./state-gate.ts";
import { wrapItems } from "./wrapped-items.ts";

/** Compiles a whole machine, which must have passed every check. */
export function generate(plan: Plan): JsonObject {
  const { TimeoutSeconds: _deadline, Sluice: _field, ...rest } = plan.machine.body;
  return { ...rest, ...gatedScope(plan, plan.machine.top) };
}

interface ScopeContext {
  readonly plan: Plan;
  readonly catchers: Catchers;
  /** The states of the scope compiled so far. */
  readonly made: MadeStates;
  readonly entryOf: (name: string) => string;
  readonly before: BeforeIn;
  /** Returns the name of the gate at the end of the flow. The first call adds the gate. */
  readonly completeGate: () => string;
}

function gatedScope(plan: Plan, scope: Scope): { StartAt: string; States: JsonObject } {
  const made: MadeStates = new Map();
  const { owner } = scope;
  const catchers = owner === undefined ? topCatchers(plan, made) : NESTED_CATCHERS;
  const entryOf = (name: string): string => {
    const state = scope.states.get(name);
    return state === undefined ? name : entryName(plan, state);
  };
  const before = stepsBeforeIn(scope);
  const arriveAt = arrivalsOf(plan, owner === undefined);
  let complete: string | undefined;
  const completeGate = (): string => {
    complete ??= makeCompleteGate(plan, before, made, arriveAt(undefined));
    return complete;
  };
  for (const state of scope.states.values()) {
    if (isGated(state) && state.type === "Fail") makeGateOfFail(plan, state, made);
    else if (isGated(state))
      makeStateGate(plan, state, { catchers, entryOf, before, arrive: arriveAt(state) }, made);
    made.set(state.name, userState({ plan, catchers, made, entryOf, before, completeGate }, state));
  }
  const start = entryOf(scope.startAt);
  const StartAt =
    owner === undefined
      ? withContinueAsNew(plan, { start, gateOf: entryOf }, completeGate, made)
      : needsUnwrapping(scope)
        ? makeUnwrapping(plan, scope, start, made)
        : start;
  return { StartAt, States: Object.fromEntries(made) };
}

const needsUnwrapping = (scope: Scope): boolean => {
  const first = scope.states.get(scope.startAt);
  return isWrapped(scope) && !(first !== undefined && unwraps(first));
};

/**
 * Adds the states with which a run continues as new, if the flow can, and those at which the executions of an arrival machine begin.
 * Returns the first state of the flow.
 */
function withContinueAsNew(
  plan: Plan,
  to: { readonly start: string; readonly gateOf: (name: string) => string },
  completeGate: () => string,
  made: MadeStates,
): string {
  const { continueAsNew, arrival } = plan;
  if (continueAsNew !== undefined) makeDeparture(plan, continueAsNew, made);
  if (arrival !== undefined && plan.attached !== undefined) {
    makeAttachedArrival(plan, arrival, { ...to, end: completeGate() }, made);
    return to.start;
  }
  if (arrival !== undefined) return makeArrival(plan, arrival, { ...to, end: completeGate() }, made);
  return continueAsNew === undefined ? to.start : makeArrival(plan, continueAsNew, to, made);
}

/** Returns, for a state or the flow's end, the state to which its gate leads an execution that begins elsewhere; if it can be such a gate. */
function arrivalsOf(plan: Plan, isTop: boolean): (state: StateNode | undefined) => string | undefined {
  const first =
    isTop && plan.attached !== undefined && plan.arrival !== undefined ? firstGates(plan.machine) : undefined;
  return (state) => {
    const is = state === undefined ? first?.end : first?.states.has(state.name);
    return is === true ? arrivalName(plan) : undefined;
  };
}

function makeCompleteGate(
  plan: Plan,
  before: BeforeIn,
  made: MadeStates,
  arrive: string | undefined,
): string {
  return makeGate(
    plan,
    {
      role: "complete gate",
      arrive,
      fields: {
        kind: constant("complete"),
        ...rawInput(before(undefined)),
        ...deadline(plan),
      },
      onPass: { End: true },
    },
    made,
  );
}

/** The user's state, with its transitions redirected to gates. */
function userState(context: ScopeContext, state: StateNode): JsonObject {
  const { plan, catchers } = context;
  const kind = humanKind(state);
  const own = redirected(context, kind === undefined ? withRole(plan, state) : humanStep(plan, state, kind));
  const body = hasInlineGate(state) ? inlineStep(plan, state, own, context) : own;
  delete body.Sluice;
  if (state.inner.length > 0) fillIn(plan, state, body);
  if (isTopLevel(state) && state.type === "Succeed") {
    // A Pass with the same filters has the output with which the Succeed would have ended the flow.
    return { ...body, Type: "Pass", Next: context.completeGate() };
  }
  if (isTopLevel(state) && Object.hasOwn(body, "End")) {
    delete body.End;
    body.Next = context.completeGate();
  }
  return withEnding(plan, state, withErrorHandling(state, body, catchers), context.made);
}

function withRole({ taskRoleArn }: Plan, { type, body }: StateNode): JsonObject {
  if (type !== "Task" || taskRoleArn === undefined || Object.hasOwn(body, "Credentials")) return { ...body };
  return { ...body, Credentials: { RoleArn: taskRoleArn } };
}

function redirected({ entryOf }: ScopeContext, body: JsonObject): JsonObject {
  const toEntry = (holder: Json): Json =>
    isJsonObject(holder) && typeof holder.Next === "string"
      ? { ...holder, Next: entryOf(holder.Next) }
      : holder;
  const result: JsonObject = { ...body };
  if (typeof body.Next === "string") result.Next = entryOf(body.Next);
  if (typeof body.Default === "string") result.Default = entryOf(body.Default);
  if (Array.isArray(body.Catch)) result.Catch = body.Catch.map(toEntry);
  if (Array.isArray(body.Choices)) result.Choices = body.Choices.map(toEntry);
  return result;
}

function fillIn(plan: Plan, state: StateNode, body: JsonObject): void {
  const contents = state.inner.map((scope) => ({
    ...scope.body,
    ...(scope.free ? ungatedScope(plan, scope) : gatedScope(plan, scope)),
  }));
  if (state.type === "Parallel") {
    body.Branches = contents;
    return;
  }
  const [processor] = contents;
  if (state.inner.some(isWrapped)) wrapItems(state, body);
  if (processor !== undefined)
    body[Object.hasOwn(body, "ItemProcessor") ? "ItemProcessor" : "Iterator"] = processor;
}

/** The children of a Distributed Map that have no gates. */
function ungatedScope(plan: Plan, scope: Scope): { States: JsonObject } {
  const states = [...scope.states.values()].map((state): [string, JsonObject] => {
    const body = withRole(plan, state);
    delete body.Sluice;
    if (state.inner.length > 0) fillIn(plan, state, body);
    return [state.name, body];
  });
  return { States: Object.fromEntries(states) };
}
