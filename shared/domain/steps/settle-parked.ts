import { isGenerated } from "../../asl/gates/generated-names.ts";
import { iso } from "../../model/time/clock.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RunDependencies } from "../deps.ts";
import type { HistoryVisit } from "./history.ts";
import { visitsOf } from "./step-history.ts";

/**
 * Determines whether a paused run is parked as a whole, and stores the answer in the run. A top-level gate records it when it
 * parks; with several branches, only the execution's history shows that nothing but parks is open.
 */
export const settleParked = async (deps: RunDependencies, run: RunItem): Promise<RunItem> => {
  if (run.status !== "paused" || run.parkedAt !== undefined) return run;
  const since = await parkedSince(deps, run);
  if (since === undefined) return run;
  const written = await deps.runs.markParked(run, since);
  return written.ok ? written.run : run;
};

const parkedSince = async (deps: RunDependencies, run: RunItem): Promise<string | undefined> => {
  const open = openLeaves(await visitsOf(deps, run));
  if (open.length === 0) return run.startedAt === undefined ? run.pausedBy?.at : undefined;
  if (!open.every(({ state }) => isGenerated(state, "park"))) return undefined;
  return iso(Math.max(...open.map(({ entered }) => entered)));
};

/**
 * Returns the visits in progress: entered, not left, and not stopped with the state around them. A Parallel or Map is as busy
 * as its content, and a failed step that may be retried is busy. Stored parks would be less exact, since the park of a used
 * token may linger.
 */
const openLeaves = (visits: readonly HistoryVisit[]): HistoryVisit[] =>
  visits.filter(
    ({ type, exited, stopped }) =>
      exited === undefined && stopped === undefined && type !== "Parallel" && type !== "Map",
  );
