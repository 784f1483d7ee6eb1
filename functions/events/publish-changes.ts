import * as z from "zod";
import { publishChanges } from "../../shared/domain/events/publish-changes.ts";
import { events } from "../event-bus.ts";
import { backgroundHandler } from "../middleware/background.ts";

const imageSchema = z.record(z.string(), z.unknown());

/** A batch of the table's stream, as Lambda hands it over. */
const batchSchema = z.object({
  Records: z.array(
    z.object({
      eventName: z.enum(["INSERT", "MODIFY", "REMOVE"]),
      dynamodb: z.object({
        SequenceNumber: z.string(),
        Keys: imageSchema,
        NewImage: imageSchema.optional(),
        OldImage: imageSchema.optional(),
      }),
    }),
  ),
});

/** Every change of status in the table, told to the event bus. Lambda brings what is named as failed again, with all after it. */
export const handler = backgroundHandler("publish-changes", batchSchema, async (deps, { Records }) => {
  const failed = await publishChanges({ ...deps, events: events() }, Records);
  return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
});
