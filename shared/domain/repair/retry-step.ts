import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { branchesWouldRepeat } from "../refusals.ts";
import { makeArrival } from "./arrival-machine.ts";
import { failedPlace } from "./stand.ts";

/**
 * Prepares the next execution of a halted run, which begins with the failed state and its input, and returns what the resume writes. The
 * machine is created first, so that the intent to start finds it. Throws `step_in_progress` while the failed execution has not ended, and
 * `resume_not_possible` for a Parallel or Map, which begins again only if the request names it.
 */
export const retryFailedStep = async (
  deps: ResumeRunDependencies,
  run: RunItem,
): Promise<Pick<RunItem, "moves">> => {
  const { state, input, attempt, branches } = await failedPlace(deps, run);
  if (branches === true) throw branchesWouldRepeat(state);
  const variables = run.machine === undefined ? undefined : await deps.continuations.valuesOf(run, attempt);
  return makeArrival(deps, run, { ...run, texts: [input, ...(variables ?? new Map()).values()] });
};
