import type { MiddlewareObj } from "@middy/core";
import type { GateDependencies } from "../../shared/domain/deps.ts";
import { admitted } from "./admitted.ts";
import { createGateDependencies } from "./dependencies.ts";

/**
 * A middy middleware: asks, before the handler runs, whether the run may go on, and throws `Sluice.Paused` and the like where
 * it may not, which the compiled flow takes. The handler sees the event that the flow meant for it. A call that does not
 * come from a step with `"Gate": "inline"` passes untouched.
 *
 * Put it first, so that nothing of the function's own happens before a held step. Needs the environment variable SLUICE_TABLE.
 */
export const sluiceGate = (): MiddlewareObj<unknown, unknown> => {
  const authorize = authorizer();
  return {
    before: async (request) => {
      request.event = await authorize(request.event);
    },
  };
};

/** Wraps a plain handler in the same gate. */
export const withSluiceGate = <Event, Context, Result>(
  handler: (event: Event, context: Context) => Promise<Result>,
) => {
  const authorize = authorizer();
  return async (event: unknown, context: Context): Promise<Result> =>
    handler((await authorize(event)) as Event, context);
};

/** Creates the gate's dependencies at the first gated call: a function that is only ever called directly needs no setting. */
const authorizer = () => {
  let deps: GateDependencies | undefined;
  const dependencies = (): GateDependencies => {
    deps ??= createGateDependencies();
    return deps;
  };
  return (event: unknown): Promise<unknown> => admitted(dependencies, event);
};
