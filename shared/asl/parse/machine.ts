import type { JsonObject } from "../../model/json/json.ts";

export type QueryLanguage = "JSONPath" | "JSONata";

export const STATE_TYPES = ["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"] as const;
export type StateType = (typeof STATE_TYPES)[number];

/** One state of the user's definition. */
export interface StateNode {
  readonly name: string;
  readonly type: StateType;
  readonly body: JsonObject;
  /** Where it stands, for problems: `States.Fan.Branches[0].States.Inner`. */
  readonly at: string;
  readonly language: QueryLanguage;
  readonly scope: Scope;
  /** The branches of a Parallel, the one processor of a Map. */
  readonly inner: readonly Scope[];
}

/** States that may lead to one another: the machine itself, a branch of a Parallel, the processor of a Map. */
export interface Scope {
  /** 0 at the top level. */
  readonly depth: number;
  /** "" at the top level, else e.g. `States.Fan.Branches[0]`. */
  readonly at: string;
  readonly body: JsonObject;
  readonly startAt: string;
  readonly states: ReadonlyMap<string, StateNode>;
  /** The Parallel or Map that this is inside of, and for a Parallel which branch. */
  readonly owner?: { readonly state: StateNode; readonly branch?: number };
  /** The processor of a Distributed Map, or anything inside one: its children are executions of their own. */
  readonly distributed: boolean;
}

export interface Machine {
  readonly body: JsonObject;
  readonly language: QueryLanguage;
  readonly top: Scope;
  /** Every state, in the order of the text, containers before their contents. */
  readonly all: readonly StateNode[];
}

/** The path of a field of a scope: `StartAt`, or `States.Fan.Branches[0].StartAt`. */
export const inScope = (scope: Pick<Scope, "at">, field: string): string =>
  scope.at === "" ? field : `${scope.at}.${field}`;

/** All scopes of a machine, outer ones first. */
export function scopesOf(machine: Machine): Scope[] {
  return [machine.top, ...machine.all.flatMap((state) => state.inner)];
}

/** How a state hands its input on; `field` is the path inside the state. */
export interface Transition {
  readonly target: string;
  readonly field: string;
  readonly by: "next" | "choice" | "catch";
}

export function transitionsOf(state: StateNode): Transition[] {
  const found: Transition[] = [];
  const add = (target: unknown, field: string, by: Transition["by"]) => {
    if (typeof target === "string") found.push({ target, field, by });
  };
  const listed = (list: unknown, field: string, by: Transition["by"]) => {
    if (!Array.isArray(list)) return;
    for (const [index, entry] of list.entries()) add(entry?.Next, `${field}[${index}].Next`, by);
  };
  if (state.type === "Choice") {
    listed(state.body.Choices, "Choices", "choice");
    add(state.body.Default, "Default", "choice");
  } else if (state.type !== "Succeed" && state.type !== "Fail") {
    add(state.body.Next, "Next", "next");
    listed(state.body.Catch, "Catch", "catch");
  }
  return found;
}
