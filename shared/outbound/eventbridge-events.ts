import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { EVENT_SOURCE, type Events } from "./events.ts";

/** `bus`: read at each call, since only functions that tell something have it. */
export const eventBridgeEvents = (client: EventBridgeClient, bus: () => string): Events => ({
  async put(events) {
    const answer = await client.send(
      new PutEventsCommand({
        Entries: events.map(({ type, at, detail }) => ({
          Source: EVENT_SOURCE,
          DetailType: type,
          Detail: JSON.stringify(detail),
          Time: new Date(at),
          EventBusName: bus(),
        })),
      }),
    );
    // A refused entry is not an error of the call.
    const refused = answer.Entries?.findIndex(({ ErrorCode }) => ErrorCode !== undefined) ?? 0;
    return refused === -1 ? events.length : refused;
  },
});
