import { isTerminal } from "../../model/transitions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { EndDependencies, RunDependencies } from "../deps.ts";
import type { Failure } from "../steps/failure.ts";
import { recordFailure } from "./failures/record-failure.ts";
import { standing } from "./status-change.ts";

/** Whether a run whose execution failed is halted instead of becoming `failed`. `now`: epoch milliseconds. */
export const haltsOnFailure = async (
  deps: Pick<RunDependencies, "holds">,
  run: RunItem,
  now: number,
): Promise<boolean> => {
  const isPast = run.status !== "paused" && run.deadline !== undefined && Date.parse(run.deadline) <= now;
  if (isTerminal(run.status) || isPast) return false;
  const says = run.currentStep ?? (await deps.holds.get(run.workspace, run.flowId, run.incarnation));
  return says?.onFailure === "pause";
};

/**
 * Pauses a run whose execution failed without a gate that could report it. Returns the current run: undefined if it was deleted, unchanged
 * if it had already ended or left the execution.
 */
export const haltRun = (
  deps: Pick<EndDependencies, "clock" | "ends" | "runs" | "metrics">,
  run: RunItem,
  failure: Failure,
): Promise<RunItem | undefined> => {
  return recordFailure(deps, run, failure, (current, now) =>
    current.attempt === run.attempt
      ? { transition: "halt", patch: standing(current, failure, now) }
      : undefined,
  );
};
