import type { OwnEvent } from "../model/schemas/events.ts";

/** The event bus to which Sluice publishes its own events. */
export interface Events {
  /**
   * Publishes at most `MAX_EVENTS_PER_CALL` events. Returns how many of them, from the first on, the bus has certainly accepted; it may
   * have accepted later ones too. Throws when the call fails.
   */
  put(events: readonly OwnEvent[]): Promise<number>;
}

/** The `source` of all events. */
export const EVENT_SOURCE = "sluice";

/** EventBridge's limit for one PutEvents call. */
export const MAX_EVENTS_PER_CALL = 10;
