import { executionArn } from "../../model/machines/machine-names.ts";
import type { RunRecord, StepRecord } from "../../store/records.ts";
import type { Engine } from "../deps.ts";
import { type HistoryVisit, readVisits } from "./history.ts";
import { matchVisits } from "./history-ends.ts";

/** The attempt whose execution has a step in its history. One without a number is of the run's first execution. */
export const attemptOf = (run: RunRecord, step: Pick<StepRecord, "attempt">): number =>
  step.attempt ?? (run.goesOnFrom === undefined ? run.attempt : 1);

/** Steps in the order given, by attempt. */
export const byAttempt = <S extends Pick<StepRecord, "attempt">>(
  run: RunRecord,
  steps: readonly S[],
): Map<number, S[]> => Map.groupBy(steps, (step) => attemptOf(run, step));

export const executionOf = (engine: Engine, run: RunRecord, attempt: number): string =>
  executionArn(engine.statesArnPrefix, { ...run, attempt });

/** Visits of the run's present execution. */
export const visitsOf = (engine: Engine, run: RunRecord): Promise<HistoryVisit[]> =>
  readVisits(engine.executions.history(executionOf(engine, run, run.attempt)));

/** The visits of the wanted steps, by step id, each from the history of its own execution. `all`: every step of the run, in order of time. */
export const visitsOfSteps = async (
  engine: Engine,
  run: RunRecord,
  all: readonly StepRecord[],
  wanted: readonly StepRecord[],
): Promise<Map<string, HistoryVisit>> => {
  const found = new Map<string, HistoryVisit>();
  const steps = byAttempt(run, all);
  for (const [attempt] of byAttempt(run, wanted)) {
    const visits = await readVisits(engine.executions.history(executionOf(engine, run, attempt)));
    for (const [stepId, visit] of matchVisits(steps.get(attempt) ?? [], visits)) found.set(stepId, visit);
  }
  return found;
};
