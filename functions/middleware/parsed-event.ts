import type { MiddlewareObj } from "@middy/core";

/** Replaces the event with the result of `parse`. The call fails if the event is invalid. */
export const parsedEvent = <Event>(parse: (event: unknown) => Event): MiddlewareObj<Event, unknown> => ({
  before: (request) => {
    request.event = parse(request.event);
  },
});
