import * as v from "valibot";
import { drainBatch } from "../../shared/domain/holds/drain-flow.ts";
import type { DrainState } from "../../shared/model/machines/loop-machine.ts";
import type { Dependencies } from "../dependencies/dependencies.ts";
import { backgroundHandler } from "../middleware/background.ts";

const whole = v.pipe(v.number(), v.integer());
const stateSchema = v.object({
  workspace: v.string(),
  flowId: v.string(),
  incarnation: v.string(),
  epoch: whole,
  attempt: whole,
  batches: whole,
});

/** Creates the handler of one batch of a drain. The drain machine calls it, and waits between batches. */
export const createDrainHandler = (deps: Dependencies) =>
  backgroundHandler(
    {
      name: "drain",
      schema: { parse: (event): DrainState => v.parse(stateSchema, event) },
      work: (state) => drainBatch(deps, state),
      logFields: ({ workspace, flowId, epoch }) => ({ workspace, flow: flowId, epoch }),
    },
    deps,
  );
