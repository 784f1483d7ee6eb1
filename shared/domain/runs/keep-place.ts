import type { ContinuationItem } from "../../store/runs/continuations.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { PlaceDependencies } from "../deps.ts";
import { type Failure, shortError } from "../steps/failure.ts";
import { type HistoryVisit, readVisits } from "../steps/history.ts";
import { settleSteps } from "../steps/settle-steps.ts";
import { executionOf } from "../steps/step-history.ts";
import { standsOnError } from "./status-change.ts";
import { dropParks } from "./stop-run.ts";

/** An execution that has halted its run exists. One that is not found for so long has been forgotten by Step Functions. */
const FORGOTTEN_MS = 86_400_000;

/**
 * Stores what a run that stands by an error needs to go on: the input of the state that failed and the variables, because Step
 * Functions forgets a history after 90 days. The ends of the steps and that input come first, the mark that the run stands
 * (`parkedAt`) last: if the process dies, the event is delivered again, or the sweeper or the resume repeats this. Returns the run; its
 * `parkedAt` is absent while the execution has not ended.
 */
export const keepPlace = async (deps: PlaceDependencies, run: RunItem): Promise<RunItem> => {
  const { continuedFrom: attempt, pausedBy } = run;
  if (!standsOnError(run) || pausedBy === undefined || run.parkedAt !== undefined || attempt === undefined)
    return run;
  const arn = executionOf(deps, run, attempt);
  const execution = await deps.executions.describe(arn);
  const isForgotten = deps.clock.now() - Date.parse(pausedBy.at) > FORGOTTEN_MS;
  if (execution === undefined ? !isForgotten : execution.status === "RUNNING") return run;
  await dropParks(deps, run, { upTo: attempt });
  await settleSteps(deps, run, { attempt });
  const visits = await readVisits(deps.executions.history(arn));
  const place = placeIn(visits, pausedBy.state ?? "");
  if (place !== undefined) {
    for (const [name, value] of variablesIn(visits))
      await deps.continuations.putVariable(run, attempt, name, value);
    await deps.continuations.put(run, attempt, place);
  }
  const { error = pausedBy.error ?? "", cause = pausedBy.cause ?? "" } = execution ?? {};
  const failure: Failure = { error, cause, state: place?.state ?? pausedBy.state ?? "" };
  const written = await deps.runs.markStanding(run, { ...pausedBy, ...shortError(failure) });
  return written.ok ? written.run : (written.current ?? run);
};

/** Returns the newest visit of a top-level state, with its input. */
const placeIn = (visits: readonly HistoryVisit[], state: string): ContinuationItem | undefined => {
  const visit = visits.findLast((one) => one.nested === undefined && one.state === state);
  if (visit?.input === undefined) return undefined;
  const branches = visit.type === "Parallel" || visit.type === "Map";
  return { state, input: visit.input, ...(branches ? { branches } : {}) };
};

/** Variables of generated states. The arrival gives them new values. */
const isGenerated = (name: string): boolean => name.startsWith("sluice");

/** Returns the variables that a run's top level has in the end, as JSON texts by name. */
export const variablesIn = (visits: readonly HistoryVisit[]): ReadonlyMap<string, string> =>
  new Map(
    visits
      .filter(({ nested }) => nested === undefined)
      .flatMap(({ assigned = {} }) => Object.entries(assigned))
      .filter(([name]) => !isGenerated(name)),
  );
