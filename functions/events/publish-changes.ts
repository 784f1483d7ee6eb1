import * as z from "zod";
import { publishChanges } from "../../shared/domain/events/publish-changes.ts";
import { checkEvent } from "../../shared/model/schemas/events.ts";
import type { EventDependencies } from "../dependencies/event-dependencies.ts";
import { backgroundHandler } from "../middleware/background.ts";

const imageSchema = z.record(z.string(), z.unknown());

/** A batch of the table's stream, as Lambda delivers it. */
const schema = z.object({
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

/**
 * Creates the handler of the table's stream, which publishes every status change to the event bus. If it reports a record as
 * failed, Lambda delivers that record and all later ones again.
 */
export const createPublishChangesHandler = (deps: EventDependencies) =>
  backgroundHandler(
    {
      name: "publish-changes",
      schema,
      async work({ Records }) {
        const failed = await publishChanges({ ...deps, checkEvent }, Records);
        return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
      },
    },
    deps,
  );
