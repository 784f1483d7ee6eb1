import { machineOf } from "../../asl/parse/graph.ts";
import { moveOf } from "../../model/machines/machine-names.ts";
import type { FlowIdentity } from "../../store/flows/flow-item.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { FlowDependencies, ResumeRunDependencies } from "../deps.ts";
import { beginningObstacle, dataObstacle, machineObstacle } from "../flows/attached-place.ts";
import { makeMachineOnDemand } from "../flows/machines-on-demand.ts";
import { resumeNotPossible } from "../refusals.ts";

interface ArrivalOf extends Pick<RunItem, "attempt" | "version"> {
  /** The JSON texts that the run takes along. */
  readonly texts: Iterable<string>;
}

/**
 * Prepares the machine on which that attempt of the run begins elsewhere than at the flow's start, and returns what the resume writes about
 * it. That of an attached flow is there: its gates lead to the place. Throws `resume_not_possible`.
 */
export const makeArrival = async (
  deps: ResumeRunDependencies,
  run: RunItem,
  { attempt, version, texts }: ArrivalOf,
): Promise<Pick<RunItem, "moves">> => {
  if (run.machine !== undefined) {
    const machine = machineOf(await deps.versions.text(run, version, "user"));
    const obstacle =
      (machine && beginningObstacle(machine)) ??
      dataObstacle(texts) ??
      (await machineObstacle(deps, run, version));
    if (obstacle !== undefined) throw resumeNotPossible(obstacle);
    return {};
  }
  await makeArrivalMachine(deps, run, version);
  return movesOnto({ ...run, attempt }, version);
};

/** Ensures that the version's arrival machine exists. Throws `resume_not_possible` if its definition does not. */
export const makeArrivalMachine = (
  deps: FlowDependencies,
  flow: FlowIdentity,
  version: number,
): Promise<void> =>
  makeMachineOnDemand(deps, flow, {
    version,
    definition: async () => {
      const definition = await deps.versions.text(flow, version, "user");
      if (definition !== undefined) return definition;
      throw resumeNotPossible(`Version ${version} of the flow no longer exists.`);
    },
  });

/** Returns the moves of a run whose attempt runs on the version's arrival machine. */
export const movesOnto = (
  { attempt, moves = [] }: Pick<RunItem, "attempt" | "moves">,
  version: number,
): Pick<RunItem, "moves"> =>
  moveOf({ moves, attempt })?.version === version ? {} : { moves: [...moves, { attempt, version }] };
