import * as z from "zod";
import { bulkBatch } from "../../shared/domain/bulk/work-bulk.ts";
import { backgroundHandler } from "../middleware/background.ts";
import { refusalOf } from "../middleware/http-failure.ts";

const stateSchema = z.object({
  workspace: z.string(),
  bulkId: z.string(),
  attempt: z.int(),
  batches: z.int(),
});

/** One batch of a bulk operation, called by the bulk machine, which waits between them. */
export const handler = backgroundHandler(
  "bulk",
  stateSchema,
  (deps, state) => bulkBatch({ ...deps, refusalOf }, state),
  ({ workspace, bulkId }) => ({ workspace, bulk: bulkId }),
);
