import * as z from "zod";
import { bulkBatch } from "../../shared/domain/bulk/work-bulk.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { backgroundHandler } from "../middleware/background.ts";
import { refusalOf } from "../middleware/http-failure.ts";

const schema = z.object({
  workspace: z.string(),
  bulkId: z.string(),
  attempt: z.int(),
  batches: z.int(),
});

/** Creates the handler of one batch of a bulk operation. The bulk machine calls it, and waits between batches. */
export const createBulkBatchHandler = (deps: Dependencies) =>
  backgroundHandler(
    {
      name: "bulk",
      schema,
      work: (state) => bulkBatch({ ...deps, refusalOf }, state),
      logFields: ({ workspace, bulkId }) => ({ workspace, bulk: bulkId }),
    },
    deps,
  );
