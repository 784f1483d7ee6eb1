import { isJsonObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { CONTROL_ERRORS } from "../checks/reserved-errors.ts";
import { type Exits, nestedExits, type TopExits, topExits } from "../gates/exits.ts";
import { makeGate } from "../gates/gate.ts";
import { entryName, isGated } from "../gates/gated.ts";
import { isTopLevel, type MadeStates, type Plan, visitVariable } from "../gates/plan.ts";
import { makeArrival, makeDeparture } from "../history/continuation.ts";
import { constant } from "../parse/jsonata-text.ts";
import type { Scope, StateNode } from "../parse/machine.ts";
import { humanKind } from "../parse/sluice-field.ts";
import { humanStep } from "./human.ts";
import { hasInlineGate, inlineStep } from "./inline-gate.ts";
import { deadline, makeStateGate, rawInput, stepsBefore } from "./state-gate.ts";

/** The gated text of a whole machine, which must have passed every check. */
export function generate(plan: Plan): JsonObject {
  const { TimeoutSeconds: _deadline, ...rest } = plan.machine.body;
  return { ...rest, ...gatedScope(plan, plan.machine.top) };
}

interface Surroundings {
  readonly plan: Plan;
  readonly exits: Exits;
  /** States of the scope so far. */
  readonly made: MadeStates;
  readonly entryOf: (name: string) => string;
  /** Makes the gate at the flow's end when it is first asked for. */
  readonly completeGate: () => string;
}

function gatedScope(plan: Plan, scope: Scope): { StartAt: string; States: JsonObject } {
  const made: MadeStates = new Map();
  const { owner } = scope;
  const top = owner === undefined ? topExits(plan, made) : undefined;
  const exits = owner === undefined ? (top ?? topExits(plan, made)) : nestedExits(plan, owner, made);
  const entryOf = (name: string): string => {
    const state = scope.states.get(name);
    return state === undefined ? name : entryName(plan, state);
  };
  let complete: string | undefined;
  const completeGate = (): string => {
    complete ??= makeCompleteGate(plan, scope, exits, made);
    return complete;
  };
  for (const state of scope.states.values()) {
    if (isGated(state)) makeStateGate(plan, state, exits, entryOf, made);
    made.set(state.name, userState({ plan, exits, made, entryOf, completeGate }, state));
  }
  const start = entryOf(scope.startAt);
  const StartAt = top === undefined ? start : withContinuation(plan, start, entryOf, top, made);
  return { StartAt, States: Object.fromEntries(made) };
}

/** Where the flow begins, once both ends of a hand-over are made. */
function withContinuation(
  plan: Plan,
  start: string,
  gateOf: (name: string) => string,
  exits: TopExits,
  made: MadeStates,
): string {
  if (plan.continueAsNew === undefined) return start;
  const closed = exits.quiet();
  makeDeparture(plan, plan.continueAsNew, closed, made);
  return makeArrival(plan, plan.continueAsNew, { start, gateOf, closed }, made);
}

function makeCompleteGate(plan: Plan, scope: Scope, exits: Exits, made: MadeStates): string {
  return makeGate(
    plan,
    {
      role: "complete gate",
      kind: "complete",
      depth: 0,
      visit: { state: constant(""), path: constant("") },
      fields: { ...rawInput(stepsBefore(scope, (body) => body.End === true)), ...deadline(plan) },
      onPass: { End: true },
      refusals: (entered) => exits.ofGate(undefined, entered),
    },
    made,
  );
}

/** The user's state with its transitions turned to gates, and its errors to where they belong. */
function userState(around: Surroundings, state: StateNode): JsonObject {
  const { plan, exits, made } = around;
  const kind = humanKind(state);
  const own = redirected(around, kind === undefined ? withRole(plan, state) : humanStep(plan, state, kind));
  const body = hasInlineGate(state) ? inlineStep(plan, state, own, exits, made) : own;
  delete body.Sluice;
  const container = state.type === "Parallel" || state.type === "Map";
  if (container) fillIn(plan, state, body);
  if (isTopLevel(state) && state.type === "Succeed") {
    // A Pass with the same filters hands on what the Succeed would have ended with.
    return { ...body, Type: "Pass", Next: around.completeGate() };
  }
  if (isTopLevel(state) && Object.hasOwn(body, "End")) {
    delete body.End;
    body.Next = around.completeGate();
  }
  if (container || state.type === "Task") {
    if (container || kind !== undefined) {
      const control = {
        ErrorEquals: [...CONTROL_ERRORS],
        MaxAttempts: 0,
      };
      body.Retry = [control, ...listed(body.Retry)];
      body.Catch = [...exits.ofControl(state), ...listed(body.Catch)];
    }
    body.Catch = [...listed(body.Catch), ...exits.ofRest(state, enteredOf(state))];
    if (body.Catch.length === 0) delete body.Catch;
  }
  return body;
}

const listed = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** When the state's visit began, in the state's own query language. */
function enteredOf(state: StateNode): string {
  if (isGated(state)) return `$${visitVariable(state.scope.depth)}`;
  return state.language === "JSONPath" ? "$$.State.EnteredTime" : "$states.context.State.EnteredTime";
}

function withRole({ taskRoleArn }: Plan, { type, body }: StateNode): JsonObject {
  if (type !== "Task" || taskRoleArn === undefined || Object.hasOwn(body, "Credentials")) return { ...body };
  return { ...body, Credentials: { RoleArn: taskRoleArn } };
}

function redirected({ entryOf }: Surroundings, body: JsonObject): JsonObject {
  const turned = (holder: Json): Json =>
    isJsonObject(holder) && typeof holder.Next === "string"
      ? { ...holder, Next: entryOf(holder.Next) }
      : holder;
  const result: JsonObject = { ...body };
  if (typeof body.Next === "string") result.Next = entryOf(body.Next);
  if (typeof body.Default === "string") result.Default = entryOf(body.Default);
  if (Array.isArray(body.Catch)) result.Catch = body.Catch.map(turned);
  if (Array.isArray(body.Choices)) result.Choices = body.Choices.map(turned);
  return result;
}

function fillIn(plan: Plan, state: StateNode, body: JsonObject): void {
  const contents = state.inner.map((scope) => ({
    ...scope.body,
    ...(scope.distributed ? plainScope(plan, scope) : gatedScope(plan, scope)),
  }));
  if (state.type === "Parallel") {
    body.Branches = contents;
    return;
  }
  const [processor] = contents;
  if (processor !== undefined)
    body[Object.hasOwn(body, "ItemProcessor") ? "ItemProcessor" : "Iterator"] = processor;
}

/** The children of a Distributed Map are executions of their own and have no gates. */
function plainScope(plan: Plan, scope: Scope): { States: JsonObject } {
  const states = [...scope.states.values()].map((state): [string, JsonObject] => {
    const body = withRole(plan, state);
    delete body.Sluice;
    if (state.inner.length > 0) fillIn(plan, state, body);
    return [state.name, body];
  });
  return { States: Object.fromEntries(states) };
}
