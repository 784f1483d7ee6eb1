import type { Actor } from "../../../shared/model/actor.ts";
import type { Client } from "../clients/client.ts";

/** One of Sluice's own events, as the bus received it. */
export interface PublishedEvent {
  readonly seq: number;
  readonly source: string;
  readonly "detail-type": string;
  readonly time: string;
  readonly detail: {
    readonly id: string;
    readonly runId?: string;
    readonly flowId: string;
    readonly rev: number;
    readonly action: string;
    readonly from?: string;
    readonly to: string;
    readonly at: string;
    readonly actor: Actor;
    readonly [more: string]: unknown;
  };
}

/** Sluice's own events after the `after`th, oldest first. */
export const publishedEvents = async (client: Client, after = 0): Promise<PublishedEvent[]> => {
  const path = `/local/events?after=${after}`;
  const { items } = await client.expect<{ items: PublishedEvent[] }>([200], "GET", path);
  return items.filter(({ source }) => source === "sluice");
};
