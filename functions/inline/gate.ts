import type { MiddlewareObj } from "@middy/core";
import { admitted } from "./admitted.ts";
import { gateDependencies } from "./dependencies.ts";

/**
 * A middy middleware: asks, before the handler runs, whether the run may go on, and throws `Sluice.Paused` and the like where
 * it may not, which the compiled flow takes. The handler sees the event that the flow meant for it. A call that does not
 * come from a step with `"Gate": "inline"` passes untouched.
 *
 * Put it first, so that nothing of the function's own happens before a held step. Needs the environment variable SLUICE_TABLE.
 */
export const sluiceGate = (): MiddlewareObj<unknown, unknown> => ({
  before: async (request) => {
    request.event = await admitted(gateDependencies, request.event);
  },
});

/** The same around a plain handler. */
export const withSluiceGate =
  <Event, Context, Result>(handler: (event: Event, context: Context) => Promise<Result>) =>
  async (event: unknown, context: Context): Promise<Result> =>
    handler((await admitted(gateDependencies, event)) as Event, context);
