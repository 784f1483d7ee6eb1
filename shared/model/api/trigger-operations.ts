import * as z from "zod";
import { text } from "../schemas/fields.ts";
import { payloadSchema } from "../schemas/run.ts";
import { triggerSchema } from "../schemas/trigger.ts";
import { isTimezone, WHILE_HELD } from "../triggers.ts";
import { operations, reading, tagged } from "./operation.ts";

const putTriggerSchema = z
  .strictObject({
    schedule: text(256)
      .regex(/^(?:cron|rate|at)\(.+\)$/, "Must be cron(…), rate(…) or at(…), as in EventBridge Scheduler")
      .meta({ description: "`cron(0 9 ? * MON-FRI *)`, `rate(5 minutes)` or `at(2030-01-31T09:00:00)`." }),
    timezone: text(64).refine(isTimezone, "Must be a name of the IANA time zone database").optional().meta({
      description: "The time zone of `cron` and `at`; by default UTC.",
    }),
    payload: payloadSchema.optional().meta({ description: "The payload of each record; by default `{}`." }),
    whileHeld: z.enum(WHILE_HELD),
    enabled: z.boolean().optional(),
  })
  .meta({ id: "PutTrigger" });

const flows = tagged("Flows");
const theTrigger = <const Description extends string>(description: Description) =>
  ({ description, schema: triggerSchema, headers: ["ETag"] }) as const;

export const triggerOperations = operations({
  putTrigger: {
    summary: "Create or replace a trigger: dispatch a record at each time of a schedule",
    ...flows("set-caps"),
    body: putTriggerSchema,
    requestHeader: "If-Match",
    answers: { 200: theTrigger("The trigger existed"), 201: theTrigger("Created") },
    errors: ["payload_too_large", "state_changed", "action_not_allowed"],
  },
  getTriggers: reading(
    flows("read-flows"),
    "List a flow's triggers",
    "All triggers, by id",
    z.object({ items: z.array(triggerSchema) }).meta({ id: "Triggers" }),
  ),
  getTrigger: {
    summary: "Read a trigger",
    ...flows("read-flows"),
    answers: { 200: theTrigger("The trigger") },
  },
  deleteTrigger: {
    summary: "Delete a trigger; its queued runs stay",
    ...flows("set-caps"),
    requestHeader: "If-Match",
    answers: { 204: { description: "Deleted" } },
    errors: ["state_changed"],
  },
});
