import type { MiddlewareObj } from "@middy/core";

/** Replaces the event with the result of `parse`. An invalid event fails the call. */
export const parsedEvent = <Event>(parse: (event: unknown) => Event): MiddlewareObj<Event, unknown> => ({
  before: (request) => {
    request.event = parse(request.event);
  },
});
