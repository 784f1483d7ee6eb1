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
      .meta({ description: "Present while runs are still being selected, so that `matched` grows." }),
    matched: z.int().meta({ description: "Runs selected." }),
    succeeded: z.int(),
    skipped: z.int(),
    failed: z.int(),
    rate: z.int().meta({ description: "Maximum number of runs per second." }),
    createdBy: z.string(),
    createdAt: timestampSchema,
    updatedAt: timestampSchema,
    endedAt: timestampSchema
      .optional()
      .meta({ description: "When the operation ended. It changes no run after this time." }),
    reason: z.string().optional(),
    at: z.string().optional(),
    version: z.union([z.string(), z.int()]).optional(),
    giveUp: z.boolean().optional(),
    from: z.string().optional(),
    error: z.string().optional().meta({ description: "Why the operation as a whole failed." }),
  })
  .meta({ id: "BulkOperation" });
export type Bulk = z.infer<typeof bulkSchema>;

export const bulkResultSchema = z
  .object({
    runId: z.string(),
    outcome: z.enum(["succeeded", "skipped", "failed"]),
    code: z.string().optional().meta({ description: "Error code: why the run was skipped or failed." }),
    detail: z.string().optional(),
    newRunId: z.string().optional().meta({ description: "Id of the run that the replay started." }),
  })
  .meta({ id: "BulkResult" });
export type BulkResult = z.infer<typeof bulkResultSchema>;
