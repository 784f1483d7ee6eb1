import type { MiddlewareObj } from "@middy/core";
import type { GateDependencies } from "../../shared/domain/deps.ts";
import { authorizeCall } from "./authorize-call.ts";
import { createGateDependencies } from "./dependencies.ts";

/**
 * Creates a middy middleware that checks, before the handler runs, whether the run may continue. If it may not, the middleware throws
 * `Sluice.Paused` or another error that the compiled flow handles. The handler receives the event that the flow sent. Calls that do
 * not come from a step with `"Gate": "inline"` pass unchanged.
 *
 * Use it as the first middleware, so that nothing else runs before a held step. It needs the environment variable SLUICE_TABLE.
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
  return (event: unknown): Promise<unknown> => authorizeCall(dependencies, event);
};
