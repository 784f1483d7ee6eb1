import type { MiddlewareObj } from "@middy/core";

/** Checks the event, and hands it on as `parse` gives it. An event that does not fit fails the call. */
export const parsedEvent = <Event>(parse: (event: unknown) => Event): MiddlewareObj<Event, unknown> => ({
  before: (request) => {
    request.event = parse(request.event);
  },
});
