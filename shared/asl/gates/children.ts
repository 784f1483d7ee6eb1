import type { JsonObject } from "../../model/json/json.ts";
import { type Scope, type StateNode, transitionsOf } from "../parse/machine.ts";
import { sluiceField } from "../parse/sluice-field.ts";
import type { Dynamic } from "./gate.ts";
import { isGated } from "./gated-states.ts";
import { asTemplate, type Expression } from "./jsonata-text.ts";
import { childVariable, jsonataState, type MadeStates, type Plan } from "./plan.ts";

/**
 * Each item of a Distributed Map is the input of a separate execution, which knows neither the run nor the visit of the Map. The Map wraps
 * the item together with both, and the child's first gate unwraps it.
 */
export interface WrappedChild {
  /** The path of the wrapper in the child's input. */
  readonly wrapping: Dynamic;
  /** The path of the item in the child's input. */
  readonly item: Expression;
  /** The variable that keeps the wrapper. */
  readonly variable: string;
}

/** Returns the scope of the child that contains this scope; undefined outside of Distributed Maps. */
export function childScope(scope: Scope): Scope | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.owner?.state.scope)
    if (at.isChild) return at;
  return undefined;
}

/** Whether the items of this child are wrapped: it has gates. */
export const isWrapped = (scope: Scope): boolean => scope.isChild && !scope.free && hasGates(scope);

const hasGates = (scope: Scope): boolean =>
  [...scope.states.values()].some((state) => isGated(state) || state.inner.some(hasGates));

/** Returns the form of a child's input, as `wrapItems` creates it. */
export function wrappedChild({ depth, owner }: Scope): WrappedChild {
  const variable = childVariable(depth);
  const batcher = owner?.state.body.ItemBatcher as JsonObject | undefined;
  if (batcher === undefined)
    return { variable, wrapping: ["$states.input.sluice", "$.sluice"], item: "$states.input.item" };
  return {
    variable,
    wrapping: ["$states.input.BatchInput.sluice", "$.BatchInput.sluice"],
    item: Object.hasOwn(batcher, "BatchInput")
      ? "$merge([$states.input,{'BatchInput':$states.input.BatchInput.input}])"
      : "{'Items':$states.input.Items}",
  };
}

/** Returns where a gate in this scope finds the wrapper after unwrapping; undefined outside of Distributed Maps. */
export function wrappingIn(scope: Scope): Dynamic | undefined {
  const child = childScope(scope);
  if (child === undefined) return undefined;
  const variable = `$${childVariable(child.depth)}`;
  return [variable, variable];
}

/**
 * Whether the gate of a child's first state unwraps the item. It can do so only if the state is never reached again, and if no handler for
 * a denied permission would see the wrapper.
 */
export function unwraps(state: StateNode): boolean {
  const { scope, name } = state;
  const isFirst = isWrapped(scope) && scope.startAt === name && isGated(state);
  if (!isFirst || sluiceField(state).requires.length > 0) return false;
  return ![...scope.states.values()].some((other) =>
    transitionsOf(other).some(({ target }) => target === name),
  );
}

/** Adds a first state that unwraps the item if no gate can. Returns its name. */
export function makeUnwrapping(plan: Plan, scope: Scope, next: string, made: MadeStates): string {
  const { wrapping, item, variable } = wrappedChild(scope);
  const name = plan.names.of("child", scope.owner?.state.name);
  made.set(name, {
    Type: "Pass",
    ...jsonataState(plan),
    Assign: { [variable]: asTemplate(wrapping[0]) },
    Output: asTemplate(item),
    Next: next,
  });
  return name;
}
