import middy, { type MiddlewareObj } from "@middy/core";
import type { z } from "zod";
import type { LogFields } from "../../shared/domain/deps.ts";
import { type Dependencies, dependencies } from "../dependencies.ts";
import { isAbout, metrics, observed } from "../telemetry/invocation.ts";
import { log } from "../telemetry/log.ts";
import { parsedEvent } from "./parsed-event.ts";

const failureLog = (name: string): MiddlewareObj => ({
  onError: ({ error }) => {
    metrics.count("backgroundFailures");
    log.error(`${name} failed`, { error: error as Error });
  },
});

/**
 * A Lambda handler for what EventBridge or a machine of Sluice's own delivers: what it throws makes the caller deliver the event again.
 * `about`: what the event is about, for every line of the log.
 */
export const backgroundHandler = <Event, Answer = void>(
  name: string,
  schema: z.ZodType<Event>,
  work: (deps: Dependencies, event: Event) => Promise<Answer>,
  about: (event: Event) => LogFields = () => ({}),
): ((event?: unknown) => Promise<Answer>) => {
  const chain = middy<Event, Answer>({ timeoutEarlyInMillis: 0 })
    .use(failureLog(name))
    .use(parsedEvent((event) => schema.parse(event)))
    .handler((event: Event) => {
      isAbout(about(event));
      return work(dependencies(), event);
    });
  return observed(chain as unknown as (event?: unknown) => Promise<Answer>) as (
    event?: unknown,
  ) => Promise<Answer>;
};
