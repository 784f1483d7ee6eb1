import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { eventBridgeEvents } from "../shared/outbound/eventbridge-events.ts";
import type { Events } from "../shared/outbound/events.ts";
import { setting } from "./settings.ts";
import { countingThrottles } from "./telemetry/throttles.ts";

/** Apart from the other clients: only two functions tell the bus something, and the others start sooner without this one. */
export const eventBusClient = (): EventBridgeClient =>
  countingThrottles(new EventBridgeClient({}), "eventBusThrottles");

export const eventsOver = (client: EventBridgeClient): Events =>
  eventBridgeEvents(client, () => setting("eventBus"));

let built: Events | undefined;

/** Made at the first call, as all that functions work with. */
export const events = (): Events => {
  built ??= eventsOver(eventBusClient());
  return built;
};

/** Others in their place, as `useDependencies` has it. */
export const useEvents = (others: Events | undefined): void => {
  built = others;
};
