import type { JsonObject } from "../../model/json/json.ts";
import type { StateNode } from "../parse/machine.ts";
import { ENDING, makeEnd } from "./attached.ts";
import { failState } from "./fail-state.ts";
import { WITHOUT_RUN } from "./handlers.ts";
import { isTopLevel, type MadeStates, type Plan } from "./plan.ts";

/**
 * Adds a retrier and a catcher so that errors with which Sluice ends an execution from inside a Parallel or Map bypass the user's Retry and
 * Catch. In a managed flow, a state without either needs none: no one takes these errors.
 */
export function withEnding(plan: Plan, state: StateNode, body: JsonObject, made: MadeStates): JsonObject {
  const hasGates = state.inner.some(({ free }) => !free);
  const isAttached = plan.attached !== undefined;
  const hasHandlers = Array.isArray(state.body.Retry) || Array.isArray(state.body.Catch);
  if (!hasGates || !(isAttached || hasHandlers)) return body;
  const ErrorEquals = isAttached ? ENDING : WITHOUT_RUN;
  const Next = isAttached && isTopLevel(state) ? makeEnd(plan, made) : makeRaise(plan, state, made);
  const { Retry: retriers, Catch: catchers } = body;
  return {
    ...body,
    ...(Array.isArray(retriers)
      ? { Retry: [{ ErrorEquals: [...ErrorEquals], MaxAttempts: 0 }, ...retriers] }
      : {}),
    Catch: [{ ErrorEquals: [...ErrorEquals], Next }, ...(Array.isArray(catchers) ? catchers : [])],
  };
}

/** Adds the Fail that passes the error on to the enclosing scope, or ends the execution. */
function makeRaise(plan: Plan, state: StateNode, made: MadeStates): string {
  const name = isTopLevel(state) ? plan.names.of("end") : plan.names.of("end", state.name);
  made.set(name, failState(plan, "both"));
  return name;
}
