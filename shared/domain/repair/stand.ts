import { isGenerated } from "../../asl/gates/generated-names.ts";
import { THE_END } from "../../asl/history/continue-as-new.ts";
import type { ContinuationItem } from "../../store/runs/continuations.ts";
import type { ParkItem } from "../../store/runs/parks.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumePlanDependencies } from "../deps.ts";
import { resumeNotPossible, stepInProgress } from "../refusals.ts";
import { keepPlace, variablesIn } from "../runs/keep-place.ts";
import { standsOnError } from "../runs/status-change.ts";
import { settleParked } from "../steps/settle-steps.ts";
import { visitsOf } from "../steps/step-history.ts";

/** The place at which a paused run stopped, and the data that it has there. */
export interface Stand {
  /** A top-level state; "" at the end of the flow. */
  readonly state: string;
  /** JSON text. */
  readonly input: string;
  /** JSON texts by name. */
  readonly variables: ReadonlyMap<string, string>;
  /** The state's branches or iterations have begun. */
  readonly branches: boolean;
}

/** Finds the place at which a paused run stopped. Throws `step_in_progress` while anything of it is in progress. */
export const standOf = async (deps: ResumePlanDependencies, run: RunItem): Promise<Stand> => {
  if (standsOnError(run)) return standOfFailed(deps, run);
  refuseQueued(run);
  const parked = await settleParked(deps, run);
  if (parked.parkedAt === undefined) throw stepInProgress();
  return standOfParked(deps, run);
};

export const refuseQueued = ({ queuedAt }: Pick<RunItem, "queuedAt">): void => {
  if (queuedAt !== undefined)
    throw resumeNotPossible(
      "The run is queued and has not begun, so it can only begin at its start. Resume it without at, input, variables and output.",
    );
};

const standOfFailed = async (deps: ResumePlanDependencies, run: RunItem): Promise<Stand> => {
  const { attempt, state, input, branches = false } = await failedPlace(deps, run);
  return { state, input, branches, variables: await deps.continuations.valuesOf(run, attempt) };
};

/**
 * Returns the place at which a halted run stopped, with the attempt that failed. Throws `step_in_progress` while that attempt's execution
 * has not ended, and `resume_not_possible` if the place is not known.
 */
export const failedPlace = async (
  deps: ResumePlanDependencies,
  run: RunItem,
): Promise<ContinuationItem & { readonly attempt: number }> => {
  const { parkedAt, continuedFrom: attempt } = await keepPlace(deps, run);
  if (parkedAt === undefined || attempt === undefined) throw stepInProgress();
  const place = await deps.continuations.get(run, attempt);
  if (place !== undefined) return { ...place, attempt };
  throw resumeNotPossible(
    "The state that failed and its input are not known, because Step Functions no longer has the execution's history.",
  );
};

/** The history shows the input and the variables, and which top-level state is open. The parks name the state of a gate. */
const standOfParked = async (deps: ResumePlanDependencies, run: RunItem): Promise<Stand> => {
  const visits = await visitsOf(deps, run);
  const open = visits.findLast(
    ({ nested, exited, stopped }) => nested === undefined && exited === undefined && stopped === undefined,
  );
  if (open?.input === undefined) throw stepInProgress();
  const variables = variablesIn(visits);
  if (!isGenerated(open.state, "park"))
    return { state: open.state, input: open.input, variables, branches: true };
  const park = await newestPark(deps, run);
  if (park === undefined) throw stepInProgress();
  const state = isGenerated(park.state) ? THE_END : park.state;
  return { state, input: open.input, variables, branches: false };
};

/** Returns the newest park of a top-level gate in the run's current execution. */
export const newestPark = async (
  deps: Pick<ResumePlanDependencies, "parks">,
  run: RunItem,
): Promise<ParkItem | undefined> => {
  let newest: ParkItem | undefined;
  for await (const park of deps.parks.ofRun(run))
    if (
      park.path === "" &&
      (park.attempt ?? 1) === run.attempt &&
      (newest === undefined || park.entered > newest.entered)
    )
      newest = park;
  return newest;
};
