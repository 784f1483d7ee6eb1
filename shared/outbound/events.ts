import type { OwnEvent } from "../model/schemas/events.ts";

/** What others may act on: Sluice's own events, as they go to the bus. */
export interface Events {
  /**
   * Hands over at most `MAX_CONCURRENT` events. Resolves to how many of them, from the first on, the bus has taken for certain;
   * one after those may have been taken too. Throws when the call fails.
   */
  put(events: readonly OwnEvent[]): Promise<number>;
}

/** Source of all of them. */
export const EVENT_SOURCE = "sluice";

/** EventBridge's limit of one PutEvents call. */
export const MAX_CONCURRENT = 10;
