import { executionArn } from "../../model/machines/machine-names.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import type { RunDependencies } from "../deps.ts";
import { type HistoryVisit, readVisits } from "./history.ts";
import { matchVisits } from "./history-ends.ts";

/**
 * Returns the attempt whose execution has the step in its history. A step without an attempt belongs to the run's first
 * execution.
 */
export const attemptOf = (run: RunItem, step: Pick<StepItem, "attempt">): number =>
  step.attempt ?? (run.continuedFrom === undefined ? run.attempt : 1);

/** Groups steps by attempt, in the order given. */
export const byAttempt = <S extends Pick<StepItem, "attempt">>(
  run: RunItem,
  steps: readonly S[],
): Map<number, S[]> => Map.groupBy(steps, (step) => attemptOf(run, step));

export const executionOf = (deps: RunDependencies, run: RunItem, attempt: number): string =>
  executionArn(deps.machinePlace, { ...run, attempt });

/** Reads the visits of the run's current execution. */
export const visitsOf = (deps: RunDependencies, run: RunItem): Promise<HistoryVisit[]> =>
  readVisits(deps.executions.history(executionOf(deps, run, run.attempt)));

/**
 * Reads the visits of the wanted steps, by step id, from the history of each step's own execution. `all`: every step of the
 * run, in order of time.
 */
export const visitsOfSteps = async (
  deps: RunDependencies,
  run: RunItem,
  { all, wanted }: { readonly all: readonly StepItem[]; readonly wanted: readonly StepItem[] },
): Promise<Map<string, HistoryVisit>> => {
  const found = new Map<string, HistoryVisit>();
  const steps = byAttempt(run, all);
  for (const [attempt] of byAttempt(run, wanted)) {
    const visits = await readVisits(deps.executions.history(executionOf(deps, run, attempt)));
    for (const [stepId, visit] of matchVisits(steps.get(attempt) ?? [], visits)) found.set(stepId, visit);
  }
  return found;
};
