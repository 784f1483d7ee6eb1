import * as z from "zod";
import { drainBatch } from "../../shared/domain/holds/drain-flow.ts";
import { backgroundHandler } from "../middleware/background.ts";

const stateSchema = z.object({
  workspace: z.string(),
  flowId: z.string(),
  incarnation: z.string(),
  epoch: z.int(),
  attempt: z.int(),
  batches: z.int(),
});

/** One batch of a drain, called by the drain machine, which waits between them. */
export const handler = backgroundHandler(
  "drain",
  stateSchema,
  drainBatch,
  ({ workspace, flowId, epoch }) => ({ workspace, flow: flowId, epoch }),
);
