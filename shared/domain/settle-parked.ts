import type { RunRecord } from "../store/records.ts";
import type { Engine } from "./engine.ts";
import type { HistoryVisit } from "./history.ts";
import { visitsOf } from "./settle-steps.ts";

/**
 * Whether a paused run stands still as a whole. A gate at the top level says so when it parks; with several branches only the
 * execution's history knows that nothing but parks is open. What is found is kept in the run.
 */
export const settleParked = async (engine: Engine, run: RunRecord): Promise<RunRecord> => {
  if (run.status !== "paused" || run.parkedAt !== undefined) return run;
  const since = await standsStillSince(engine, run);
  if (since === undefined) return run;
  const written = await engine.runs.noteParked(run, since);
  return written.ok ? written.record : run;
};

const standsStillSince = async (engine: Engine, run: RunRecord): Promise<string | undefined> => {
  // The parks first: one that comes after only makes the run look busier than it is.
  const parked: string[] = [];
  for await (const park of engine.parks.ofRun(run)) parked.push(park.parkedAt);
  const visits = await visitsOf(engine, run);
  const neverStarted = visits.length === 0 && parked.length === 0 && run.startedAt === undefined;
  if (neverStarted) return run.pausedBy?.at;
  return parked.length > 0 && openLeaves(visits) <= parked.length ? parked.sort().at(-1) : undefined;
};

/** States that were entered and not left, each park among them; a Parallel or Map is as busy as what is inside it. */
const openLeaves = (visits: readonly HistoryVisit[]): number =>
  visits.filter(
    ({ type, exited, failed }) =>
      exited === undefined && failed === undefined && type !== "Parallel" && type !== "Map",
  ).length;
