import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import type { Log, LogFields } from "../../shared/domain/deps.ts";
import { addLogFields, metrics, observed } from "../telemetry/invocation.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { parsedEvent } from "./parsed-event.ts";

const failureLog = (name: string, log: Log): MiddlewareObj => ({
  onError: ({ error }) => {
    metrics.count("backgroundFailures");
    log.error(`${name} failed`, { error: error as Error });
  },
});

/** The work of a background handler, and its name in log lines. */
type BackgroundWork<Event, Answer> = Reading<Event> & {
  readonly name: string;
  readonly work: (event: Event) => Promise<Answer>;
  /** Returns the fields of every log line of the event. */
  readonly logFields?: (event: Event) => LogFields;
};

type Reading<Event> =
  /** From any schema library. `parse` throws for an invalid event. */
  | { readonly schema: { parse(event: unknown): Event } }
  /** The same for an event whose meaning depends on the alias that was invoked. */
  | { readonly read: (event: unknown, context: Context | undefined) => Event };

/**
 * Creates a Lambda handler for events from EventBridge, EventBridge Scheduler and Sluice's own state machines. If it throws,
 * the caller delivers the event again.
 */
export const backgroundHandler = <Event, Answer>(
  { name, work, logFields, ...reading }: BackgroundWork<Event, Answer>,
  { log, publishMetrics }: Telemetry,
): ((event?: unknown) => Promise<Answer>) => {
  const chain = middy<Event, Answer>({ timeoutEarlyInMillis: 0 })
    .use(failureLog(name, log))
    .use(
      parsedEvent((event, context) =>
        "read" in reading ? reading.read(event, context) : reading.schema.parse(event),
      ),
    )
    .handler((event: Event) => {
      addLogFields(logFields?.(event) ?? {});
      return work(event);
    });
  type Handler = (event?: unknown) => Promise<Answer>;
  return observed(chain as unknown as Handler, publishMetrics) as Handler;
};
