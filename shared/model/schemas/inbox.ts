import * as z from "zod";
import { payloadSchema, timestampSchema } from "./run.ts";

const HUMAN_KINDS = ["approval", "form"] as const;

/** An approval or form that waits for an answer. */
export const inboxItemSchema = z
  .object({
    runId: z.string(),
    flowId: z.string(),
    stepId: z.string(),
    name: z.string().meta({ description: "Name of the state in the flow." }),
    kind: z.enum(HUMAN_KINDS),
    title: z.string(),
    assignees: z
      .array(z.string())
      .optional()
      .meta({ description: "Users who may answer. Without assignees, operators and administrators may." }),
    form: z
      .record(z.string(), payloadSchema)
      .optional()
      .meta({ description: "JSON Schema of the answer's data." }),
    startedBy: z.string(),
    since: timestampSchema,
  })
  .meta({ id: "InboxItem" });
export type InboxItem = z.infer<typeof inboxItemSchema>;
