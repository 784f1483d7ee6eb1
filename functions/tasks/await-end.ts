import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { awaitEnd } from "../../shared/domain/runs/await-end.ts";
import { MAX_WAIT_SECONDS } from "../../shared/model/limits.ts";
import type { TaskDependencies } from "../dependencies/task-dependencies.ts";
import { backgroundHandler } from "../middleware/background.ts";

const schema = v.object({
  workspace: v.string(),
  runId: v.string(),
  seconds: v.pipe(v.number(), v.maxValue(MAX_WAIT_SECONDS)),
});

/** Creates the handler that waits for the end of a run on behalf of a dispatch. */
export const createAwaitEndHandler = (deps: TaskDependencies) =>
  backgroundHandler(
    {
      name: "wait",
      schema: { parse: (event) => v.parse(schema, event) },
      work: async ({ seconds, ...run }) => ({ run: await awaitEnd(deps, run, { seconds, sleep }) }),
      logFields: ({ workspace, runId }) => ({ workspace, run: runId }),
    },
    deps,
  );
