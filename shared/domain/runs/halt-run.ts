import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import type { Failure } from "../steps/failure.ts";
import { changeBySystem, standing } from "./status-change.ts";

/** Whether a run whose execution failed is halted instead of becoming `failed`. `now`: epoch milliseconds. */
export const haltsOnFailure = async (
  deps: Pick<RunDependencies, "holds">,
  run: RunItem,
  now: number,
): Promise<boolean> => {
  const isPast = run.status !== "paused" && run.deadline !== undefined && Date.parse(run.deadline) <= now;
  if (run.machine !== undefined || isTerminal(run.status) || isPast) return false;
  const says = run.currentStep ?? (await deps.holds.get(run.workspace, run.flowId, run.incarnation));
  return says?.onFailure === "pause";
};

/**
 * Pauses a run whose execution failed without a gate that could report it. The full cause is stored first; if the process dies, nothing reads
 * it. Returns the current run: undefined if it was deleted, unchanged if it had already ended or left the execution.
 */
export const haltRun = async (
  deps: Pick<RunDependencies, "clock" | "runs" | "metrics">,
  run: RunItem,
  failure: Failure,
): Promise<RunItem | undefined> => {
  let record: RunItem | undefined = run;
  return retryOnConflict(
    deps,
    async (tries) => {
      if (record === undefined || record.deleted === true) return undefined;
      if (isTerminal(record.status) || record.attempt !== run.attempt) return record;
      if (tries === 1) await deps.runs.putOutput(run.workspace, run.runId, failure);
      const now = deps.clock.now();
      const halt = changeBySystem("halt", now);
      const written = await deps.runs.changeStatus(record, [halt], standing(record, failure, now));
      if (written.ok) return written.run;
      record = written.current;
      return "conflict";
    },
    () => new Error("The run changes too fast to be halted"),
  );
};
