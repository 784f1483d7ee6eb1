import type { MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";

/** Replaces the event with the result of `parse`. The call fails if the event is invalid. */
export const parsedEvent = <Event>(
  parse: (event: unknown, context: Context | undefined) => Event,
): MiddlewareObj<Event, unknown> => ({
  before: (request) => {
    request.event = parse(request.event, request.context);
  },
});
