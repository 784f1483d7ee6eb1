import * as z from "zod";
import { BULK_ACTIONS, BULK_STATUSES } from "../bulk.ts";
import { timestampSchema } from "./run.ts";

export const bulkSchema = z
  .object({
    bulkId: z.string(),
    action: z.enum(BULK_ACTIONS),
    filter: z.record(z.string(), z.unknown()).optional(),
    runIds: z.int().optional().meta({ description: "How many runs the request named." }),
    status: z.enum(BULK_STATUSES),
    selecting: z
      .literal(true)
      .optional()
      .meta({ description: "More runs are still being selected: `matched` grows." }),
    matched: z.int().meta({ description: "Runs selected." }),
    succeeded: z.int(),
    skipped: z.int(),
    failed: z.int(),
    rate: z.int().meta({ description: "Runs a second, at most." }),
    createdBy: z.string(),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    endedAt: timestampSchema.optional().meta({ description: "From here on no run is touched any more." }),
    reason: z.string().optional(),
    error: z.string().optional().meta({ description: "Why the operation as a whole failed." }),
  })
  .meta({ id: "BulkOperation" });
export type Bulk = z.infer<typeof bulkSchema>;

export const bulkResultSchema = z
  .object({
    runId: z.string(),
    outcome: z.enum(["succeeded", "skipped", "failed"]),
    code: z.string().optional().meta({ description: "Why it was skipped or failed: an error code." }),
    detail: z.string().optional(),
    newRunId: z.string().optional().meta({ description: "The run that a replay started." }),
  })
  .meta({ id: "BulkResult" });
export type BulkResult = z.infer<typeof bulkResultSchema>;
