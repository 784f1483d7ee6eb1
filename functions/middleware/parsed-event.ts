import type { MiddlewareObj } from "@middy/core";
import { type $ZodType, parse } from "zod/v4/core";

/** Checks the event by its schema, and hands it on as the schema gives it. An event that does not fit fails the call. */
export const parsedEvent = <Event>(schema: $ZodType<Event>): MiddlewareObj<Event, unknown> => ({
  before: (request) => {
    request.event = parse(schema, request.event);
  },
});
