import { isTerminal, type Transition } from "../../../model/transitions.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import type { Patch } from "../../../store/runs/status-change.ts";
import type { EndDependencies } from "../../deps.ts";
import { retryOnConflict } from "../../optimistic-write.ts";
import type { Failure } from "../../steps/failure.ts";
import { changeBySystem } from "../status-change.ts";

/** Decides on the current run; undefined if the reason no longer applies. */
type Decide = (
  current: RunItem,
  now: number,
) => { readonly transition: Transition; readonly patch: Patch } | undefined;

/**
 * Writes a status change that a failure causes, whatever else happens to the run in the meantime. The full cause is stored first: if the
 * process dies, nothing reads it, since the status has not changed, and a concurrent end keeps its own. Then the failure is counted, which
 * may hold the flow: if the process dies, a repeated call counts it again. Returns the current run: undefined
 * if it is gone, unchanged if it had already ended or nothing is to be written.
 */
export const recordFailure = (
  deps: Pick<EndDependencies, "clock" | "ends" | "runs" | "metrics">,
  run: RunItem,
  failure: Failure,
  decide: Decide,
): Promise<RunItem | undefined> => {
  let current: RunItem | undefined = run;
  return retryOnConflict(
    deps,
    async (attempt) => {
      if (current === undefined || current.deleted === true) return undefined;
      const now = deps.clock.now();
      const decision = isTerminal(current.status) ? undefined : decide(current, now);
      if (decision === undefined) return current;
      if (attempt === 1) {
        await deps.runs.putOutput(run.workspace, run.runId, failure);
        await deps.ends.failure(run);
      }
      const change = changeBySystem(decision.transition, now);
      const written = await deps.runs.changeStatus(current, [change], decision.patch);
      if (written.ok) return written.run;
      current = written.current;
      return "conflict";
    },
    () => new Error("The run changes too fast to record its failure"),
  );
};
