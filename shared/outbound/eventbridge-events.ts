import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { EVENT_SOURCE, type Events } from "./ports.ts";

/**
 * `bus` is read at each call, since only functions that publish events have the setting. The source tells the instances of an
 * account apart.
 */
export const eventBridgeEvents = (
  client: EventBridgeClient,
  bus: () => string,
  source: string = EVENT_SOURCE,
): Events => ({
  async put(events) {
    const answer = await client.send(
      new PutEventsCommand({
        Entries: events.map(({ type, at, detail }) => ({
          Source: source,
          DetailType: type,
          Detail: JSON.stringify(detail),
          Time: new Date(at),
          EventBusName: bus(),
        })),
      }),
    );
    // The call succeeds even if the bus rejects some entries.
    const rejected = answer.Entries?.findIndex(({ ErrorCode }) => ErrorCode !== undefined) ?? 0;
    return rejected === -1 ? events.length : rejected;
  },
});
