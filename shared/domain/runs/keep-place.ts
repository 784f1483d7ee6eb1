import type { ContinuationItem } from "../../store/runs/continuations.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { PlaceDependencies } from "../deps.ts";
import { type Failure, shortError } from "../steps/failure.ts";
import { type HistoryVisit, readVisits } from "../steps/history.ts";
import { settleSteps } from "../steps/settle-steps.ts";
import { executionOf } from "../steps/step-history.ts";
import { regrouped } from "./failures/failure-group.ts";
import { standsOnError } from "./status-change.ts";
import { dropParks } from "./stop-run.ts";

/** The time after which an execution that halted its run, but is not found, counts as deleted by Step Functions. */
const FORGOTTEN_MS = 86_400_000;

/**
 * Stores what a halted run needs to continue: the input of the failed state and the variables, because Step Functions deletes a history
 * after 90 days. The ends of the steps and that input come first, and `parkedAt` last: if the process dies, the event is delivered again,
 * or the sweeper or the resume repeats this. Returns the run; its `parkedAt` is absent while the execution has not ended.
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
  const { message, ...paused } = pausedBy;
  const { error = paused.error ?? "", cause = paused.cause ?? "" } = execution ?? {};
  // Without the execution, only the shortened cause and its message are known.
  const known = execution?.cause === undefined && message !== undefined ? { message } : {};
  const failure: Failure = { error, cause, state: place?.state ?? paused.state ?? "", ...known };
  const group = execution?.cause === undefined ? {} : regrouped(run, failure);
  const written = await deps.runs.markStanding(run, { ...paused, ...shortError(failure) }, group);
  return written.ok ? written.run : (written.current ?? run);
};

/** Returns the newest visit of a top-level state, with its input. */
const placeIn = (visits: readonly HistoryVisit[], state: string): ContinuationItem | undefined => {
  const visit = visits.findLast((one) => one.nested === undefined && one.state === state);
  if (visit?.input === undefined) return undefined;
  const branches = visit.type === "Parallel" || visit.type === "Map";
  return { state, input: visit.input, ...(branches ? { branches } : {}) };
};

/** Variables of generated states, which get new values on arrival. */
const isGenerated = (name: string): boolean => name.startsWith("sluice");

/** Returns the final values of the run's top-level variables, as JSON texts by name. */
export const variablesIn = (visits: readonly HistoryVisit[]): ReadonlyMap<string, string> =>
  new Map(
    visits
      .filter(({ nested }) => nested === undefined)
      .flatMap(({ assigned = {} }) => Object.entries(assigned))
      .filter(([name]) => !isGenerated(name)),
  );
