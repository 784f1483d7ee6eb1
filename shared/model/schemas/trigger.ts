import * as z from "zod";
import { WHILE_HELD } from "../triggers.ts";
import { payloadSchema, timestampSchema } from "./run.ts";

export const triggerSchema = z
  .object({
    triggerId: z.string(),
    schedule: z
      .string()
      .meta({ description: "`cron(…)`, `rate(…)` or `at(…)`, as in EventBridge Scheduler." }),
    timezone: z.string().meta({ description: "The time zone of `cron` and `at`." }),
    payload: payloadSchema,
    whileHeld: z.enum(WHILE_HELD).meta({
      description:
        "What happens to a record while the flow is held: it is queued, dropped, or replaces the trigger's older queued one.",
    }),
    enabled: z.boolean(),
    rev: z.int().meta({ description: "Counts how often the trigger was put." }),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    updatedBy: z.string(),
  })
  .meta({ id: "Trigger" });
export type Trigger = z.infer<typeof triggerSchema>;
