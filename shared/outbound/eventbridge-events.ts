import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Events } from "./events.ts";

const SOURCE = "sluice";

/** `bus`: read at each call, since only functions that tell something have it. */
export const eventBridgeEvents = (client: EventBridgeClient, bus: () => string): Events => ({
  async put({ type, detail }, at) {
    const answer = await client.send(
      new PutEventsCommand({
        Entries: [
          {
            Source: SOURCE,
            DetailType: type,
            Detail: JSON.stringify(detail),
            Time: new Date(at),
            EventBusName: bus(),
          },
        ],
      }),
    );
    const [entry] = answer.Entries ?? [];
    // A refused entry is not an error of the call.
    if (answer.FailedEntryCount !== 0) {
      throw new Error(`The event bus refused an event: ${entry?.ErrorCode} ${entry?.ErrorMessage}`);
    }
  },
});
