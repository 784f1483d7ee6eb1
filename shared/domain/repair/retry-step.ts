import { moveOf } from "../../model/machines/machine-names.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { resumeNotPossible, stepInProgress } from "../refusals.ts";
import { keepPlace } from "../runs/keep-place.ts";
import { makeArrivalMachine } from "./arrival-machine.ts";

/**
 * Prepares the next execution of a halted run, which begins with the failed state and its input, and returns what the resume writes. The
 * machine is created first, so that the intent to start finds it. Throws `step_in_progress` while the failed execution has not ended.
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
      `"${place.state}" has branches or iterations, and starting it again calls the finished ones again. If that is what you want, name the state with at.`,
    );
  await makeArrivalMachine(deps, run, run.version);
  return movesOnto(run, run.version);
};

/** Returns the moves of a run whose attempt runs on the version's arrival machine. */
export const movesOnto = (
  { attempt, moves = [] }: Pick<RunItem, "attempt" | "moves">,
  version: number,
): Pick<RunItem, "moves"> =>
  moveOf({ moves, attempt })?.version === version ? {} : { moves: [...moves, { attempt, version }] };
