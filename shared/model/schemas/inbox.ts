import * as z from "zod";
import { payloadSchema, timestampSchema } from "./run.ts";

const HUMAN_KINDS = ["approval", "form"] as const;

/** A step that waits for a person's answer. */
export const inboxItemSchema = z
  .object({
    runId: z.string(),
    flowId: z.string(),
    stepId: z.string(),
    name: z.string().meta({ description: "The state of the flow." }),
    kind: z.enum(HUMAN_KINDS),
    title: z.string(),
    assignees: z
      .array(z.string())
      .optional()
      .meta({ description: "Who may answer; without them, operators and administrators." }),
    form: z
      .record(z.string(), payloadSchema)
      .optional()
      .meta({ description: "JSON Schema of the answer's data." }),
    startedBy: z.string(),
    since: timestampSchema,
  })
  .meta({ id: "InboxItem" });
export type InboxItem = z.infer<typeof inboxItemSchema>;
