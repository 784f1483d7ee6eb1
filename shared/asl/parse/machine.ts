import type { JsonObject } from "../../model/json/json.ts";

export type QueryLanguage = "JSONPath" | "JSONata";

export const STATE_TYPES = ["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"] as const;
export type StateType = (typeof STATE_TYPES)[number];

/** One state of the user's definition. */
export interface StateNode {
  readonly name: string;
  readonly type: StateType;
  readonly body: JsonObject;
  /** The path in error messages: `States.Fan.Branches[0].States.Inner`. */
  readonly at: string;
  readonly language: QueryLanguage;
  readonly scope: Scope;
  /** The branches of a Parallel, or the one processor of a Map. */
  readonly inner: readonly Scope[];
}

/** A set of states that can transition to each other: the machine itself, a Parallel's branch, a Map's processor. */
export interface Scope {
  /** 0 at the top level. */
  readonly depth: number;
  /** "" at the top level, otherwise e.g. `States.Fan.Branches[0]`. */
  readonly at: string;
  readonly body: JsonObject;
  readonly startAt: string;
  readonly states: ReadonlyMap<string, StateNode>;
  /** The Parallel or Map that contains this scope; `branch` is the index of a Parallel's branch. */
  readonly owner?: { readonly state: StateNode; readonly branch?: number };
  /** Whether this scope is in a Distributed Map, whose children are separate executions. */
  readonly distributed: boolean;
  /** Whether this scope is the processor of a Distributed Map, which each child runs. */
  readonly isChild: boolean;
  /** Whether it is in a Distributed Map whose children have no gates. */
  readonly free: boolean;
}

export interface Machine {
  readonly body: JsonObject;
  readonly language: QueryLanguage;
  readonly top: Scope;
  /** Every state in the order of the definition, containers before their contents. */
  readonly all: readonly StateNode[];
}

/** The path of a scope's field: `StartAt`, or `States.Fan.Branches[0].StartAt`. */
export const inScope = (scope: Pick<Scope, "at">, field: string): string =>
  scope.at === "" ? field : `${scope.at}.${field}`;

/** All scopes of a machine, outer ones first. */
export function scopesOf(machine: Machine): Scope[] {
  return [machine.top, ...machine.all.flatMap((state) => state.inner)];
}

/** The field that holds a Task's arguments in the state's query language. */
export const argumentsField = (state: StateNode): "Parameters" | "Arguments" =>
  state.language === "JSONPath" ? "Parameters" : "Arguments";

/** A transition out of a state. */
export interface Transition {
  readonly target: string;
  /** The path inside the state. */
  readonly field: string;
}

export function transitionsOf(state: StateNode): Transition[] {
  const found: Transition[] = [];
  const add = (target: unknown, field: string) => {
    if (typeof target === "string") found.push({ target, field });
  };
  const addEach = (list: unknown, field: string) => {
    if (!Array.isArray(list)) return;
    for (const [index, entry] of list.entries()) add(entry?.Next, `${field}[${index}].Next`);
  };
  if (state.type === "Choice") {
    addEach(state.body.Choices, "Choices");
    add(state.body.Default, "Default");
  } else if (state.type !== "Succeed" && state.type !== "Fail") {
    add(state.body.Next, "Next");
    addEach(state.body.Catch, "Catch");
  }
  return found;
}
