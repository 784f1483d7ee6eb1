import middy, { type MiddlewareObj } from "@middy/core";
import type { z } from "zod";
import { type Dependencies, dependencies } from "../dependencies.ts";
import { parsedEvent } from "./parsed-event.ts";

const failureLog = (name: string): MiddlewareObj => ({
  onError: ({ error }) => dependencies().log.error(`${name} failed`, { error: error as Error }),
});

/**
 * A Lambda handler for what EventBridge or a machine of Sluice's own delivers: what it throws makes the caller deliver the event again.
 */
export const backgroundHandler = <Event, Answer = void>(
  name: string,
  schema: z.ZodType<Event>,
  work: (deps: Dependencies, event: Event) => Promise<Answer>,
): ((event?: unknown) => Promise<Answer>) => {
  const chain = middy<Event, Answer>({ timeoutEarlyInMillis: 0 })
    .use(failureLog(name))
    .use(parsedEvent(schema))
    .handler((event: Event) => work(dependencies(), event));
  return chain as unknown as (event?: unknown) => Promise<Answer>;
};
