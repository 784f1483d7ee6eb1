import { moveOf } from "../../model/machines/machine-names.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { resumeNotPossible, stepInProgress } from "../refusals.ts";
import { keepPlace } from "../runs/keep-place.ts";
import { makeArrivalMachine } from "./arrival-machine.ts";

/**
 * Prepares the next execution of a run that stands by an error, which begins with the state that failed and the input that it had, and
 * returns what the resume writes. The machine is made first, so that the intent to start finds it. Throws `step_in_progress` while the
 * execution that failed has not ended.
 */
export const retryFailedStep = async (
  deps: ResumeRunDependencies,
  run: RunItem,
): Promise<Pick<RunItem, "moves">> => {
  const kept = await keepPlace(deps, run);
  if (kept.parkedAt === undefined || kept.continuedFrom === undefined) throw stepInProgress();
  const place = await deps.continuations.get(kept, kept.continuedFrom);
  if (place === undefined)
    throw resumeNotPossible(
      "The state that failed and its input are not known, because Step Functions no longer has the execution's history.",
    );
  if (place.branches === true)
    throw resumeNotPossible(
      `"${place.state}" has branches or iterations, and beginning it again calls those that had finished again. To do so, name it with at.`,
    );
  await makeArrivalMachine(deps, run, run.version);
  return movesOnto(run, run.version);
};

/** Returns the moves of a run whose attempt is one of the version's arrival machine. */
export const movesOnto = (
  { attempt, moves = [] }: Pick<RunItem, "attempt" | "moves">,
  version: number,
): Pick<RunItem, "moves"> =>
  moveOf({ moves, attempt })?.version === version ? {} : { moves: [...moves, { attempt, version }] };
