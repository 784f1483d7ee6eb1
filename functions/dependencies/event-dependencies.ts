import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { eventBridgeEvents } from "../../shared/outbound/eventbridge-events.ts";
import type { Events } from "../../shared/outbound/ports.ts";
import { countingThrottles } from "../telemetry/throttles.ts";
import { createDependencies, type Dependencies } from "./dependencies.ts";
import { lambdaRuntime, type Runtime } from "./runtime.ts";
import { instanceOf, setting } from "./settings.ts";

/** Dependencies of the functions that publish events. Without this client, the other functions start sooner. */
export interface EventDependencies extends Dependencies {
  readonly events: Events;
}

export const eventBusClient = (): EventBridgeClient =>
  countingThrottles(new EventBridgeClient({}), "eventBusThrottles");

export const createEventDependencies = (
  runtime: Runtime = lambdaRuntime(),
  client = eventBusClient(),
): EventDependencies => ({
  ...createDependencies(runtime),
  events: eventBridgeEvents(
    client,
    () => setting(runtime.environment, "eventBus"),
    instanceOf(runtime.environment),
  ),
});
