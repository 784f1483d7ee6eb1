import type { MiddlewareObj } from "@middy/core";
import type { z } from "zod";

/** Checks the event by its schema, and hands it on as the schema gives it. An event that does not fit fails the call. */
export const parsedEvent = <Event>(schema: z.ZodType<Event>): MiddlewareObj<Event, unknown> => ({
  before: (request) => {
    request.event = schema.parse(request.event);
  },
});
