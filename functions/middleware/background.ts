import middy, { type MiddlewareObj } from "@middy/core";
import type { z } from "zod";
import { type Dependencies, dependencies } from "../dependencies.ts";
import { parsedEvent } from "./parsed-event.ts";

const failureLog = (name: string): MiddlewareObj => ({
  onError: ({ error }) => dependencies().log.error(`${name} failed`, { error: error as Error }),
});

/**
 * A Lambda handler for what EventBridge delivers: nobody reads its answer, and what it throws makes Lambda deliver the event again.
 */
export const backgroundHandler = <Event>(
  name: string,
  schema: z.ZodType<Event>,
  work: (deps: Dependencies, event: Event) => Promise<void>,
): ((event?: unknown) => Promise<void>) => {
  const chain = middy<Event, void>({ timeoutEarlyInMillis: 0 })
    .use(failureLog(name))
    .use(parsedEvent(schema))
    .handler((event: Event) => work(dependencies(), event));
  return chain as unknown as (event?: unknown) => Promise<void>;
};
