import * as z from "zod";
import { BULK_ACTIONS } from "../bulk.ts";
import { MAX_BULK_RATE, MAX_BULK_RUN_IDS } from "../limits.ts";
import { reason } from "../schemas/fields.ts";
import { runFilterSchema } from "../schemas/run-filter.ts";

const isUnique = (values: readonly unknown[]): boolean => new Set(values).size === values.length;
const isEmpty = (value: object): boolean => Object.values(value).every((field) => field === undefined);

const filterSchema = runFilterSchema
  .refine((filter) => !isEmpty(filter), "Must have at least one filter")
  .meta({ id: "BulkFilter", description: "At least one filter of the list of runs." });

export const startBulkSchema = z
  .strictObject({
    action: z.enum(BULK_ACTIONS),
    filter: filterSchema.optional(),
    runIds: z
      .array(z.guid("Must be the id of a run").toLowerCase())
      .min(1)
      .max(MAX_BULK_RUN_IDS)
      .refine(isUnique, "Must not contain a run twice")
      .optional(),
    dryRun: z
      .boolean()
      .optional()
      .meta({ description: "Only count the matching runs. Nothing is changed or stored." }),
    rate: z
      .int()
      .min(1)
      .max(MAX_BULK_RATE)
      .optional()
      .meta({ description: "Maximum number of runs per second. The deployment sets the default." }),
    reason: reason.optional(),
  })
  .refine(({ filter, runIds }) => (filter === undefined) !== (runIds === undefined), {
    path: ["filter"],
    message: "Give either filter or runIds",
  })
  .meta({ id: "StartBulkOperation" });
export type StartBulk = z.output<typeof startBulkSchema>;
