import * as v from "valibot";
import { runBulkBatch } from "../../shared/domain/bulk/run-bulk-batch.ts";
import type { BulkState } from "../../shared/model/machines/loop-machine.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { backgroundHandler } from "../middleware/background.ts";
import { refusalOf } from "../middleware/http-failure.ts";

const whole = v.pipe(v.number(), v.integer());
const stateSchema = v.object({
  workspace: v.string(),
  bulkId: v.string(),
  attempt: whole,
  batches: whole,
});

/** Creates the handler of one batch of a bulk operation. The bulk machine calls it, and waits between batches. */
export const createBulkBatchHandler = (deps: Dependencies) =>
  backgroundHandler(
    {
      name: "bulk",
      schema: { parse: (event): BulkState => v.parse(stateSchema, event) },
      work: (state) => runBulkBatch({ ...deps, refusalOf }, state),
      logFields: ({ workspace, bulkId }) => ({ workspace, bulk: bulkId }),
    },
    deps,
  );
