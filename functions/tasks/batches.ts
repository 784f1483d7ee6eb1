import * as v from "valibot";
import { runBulkBatch } from "../../shared/domain/bulk/run-bulk-batch.ts";
import { drainBatch } from "../../shared/domain/holds/drain-batch.ts";
import { runIncidentBatch } from "../../shared/domain/incidents/work.ts";
import type { BulkState, DrainState } from "../../shared/model/machines/loop-machine.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import type { Ending } from "../dependencies/with-error-cap.ts";
import { backgroundHandler } from "../middleware/background.ts";
import { refusalOf } from "../middleware/http-failure.ts";

const whole = v.pipe(v.number(), v.integer());
const loop = { workspace: v.string(), attempt: whole, batches: whole };
const drainSchema = v.object({ ...loop, flowId: v.string(), incarnation: v.string(), epoch: whole });
const bulkSchema = v.object({ ...loop, bulkId: v.string(), incident: v.optional(v.boolean()) });

/** Creates the handler of one batch of a drain. The drain machine calls it, and waits between batches. */
export const createDrainHandler = (deps: Ending<Dependencies>) =>
  backgroundHandler(
    {
      name: "drain",
      schema: { parse: (event): DrainState => v.parse(drainSchema, event) },
      work: (state) => drainBatch(deps, state),
      logFields: ({ workspace, flowId, epoch }) => ({ workspace, flow: flowId, epoch }),
    },
    deps,
  );

/** Creates the handler of one batch of a bulk operation, or of the work on an incident's flows. The bulk machine calls it, and waits between batches. */
export const createBulkBatchHandler = (deps: Ending<Dependencies>) =>
  backgroundHandler(
    {
      name: "bulk",
      schema: { parse: (event): BulkState => v.parse(bulkSchema, event) },
      work: (state) =>
        state.incident === true ? runIncidentBatch(deps, state) : runBulkBatch({ ...deps, refusalOf }, state),
      logFields: ({ workspace, bulkId }) => ({ workspace, bulk: bulkId }),
    },
    deps,
  );
