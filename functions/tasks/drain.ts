import * as z from "zod";
import { drainBatch } from "../../shared/domain/holds/drain-flow.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { backgroundHandler } from "../middleware/background.ts";

const schema = z.object({
  workspace: z.string(),
  flowId: z.string(),
  incarnation: z.string(),
  epoch: z.int(),
  attempt: z.int(),
  batches: z.int(),
});

/** Creates the handler of one batch of a drain. The drain machine calls it, and waits between batches. */
export const createDrainHandler = (deps: Dependencies) =>
  backgroundHandler(
    {
      name: "drain",
      schema,
      work: (state) => drainBatch(deps, state),
      logFields: ({ workspace, flowId, epoch }) => ({ workspace, flow: flowId, epoch }),
    },
    deps,
  );
