import type { RunItem } from "../../store/runs/run-item.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { DrainDependencies } from "../deps.ts";
import { isQueued } from "../runs/queued-run.ts";
import { secureSlot } from "../slots/pass-on-slot.ts";
import type { Draining } from "./start-drain.ts";

/** Runs that are read to find the oldest. More may be parked: those that parked first count. */
const MAX_READ = 500;
const CONCURRENCY = 25;
/** Items of runs that have left the queue may linger: so many are passed over. */
const LINGERING = 50;

/**
 * Returns the next runs for a canary: those that stand at a gate, oldest first, then those in the queue, in its order. Runs that a person has
 * paused, and those in `known`, are left out. Under a concurrency limit, a queued run needs a slot; one that gets none moves to the queue of
 * its key, so that it does not stand before the others.
 */
export const nextCandidates = async (
  deps: DrainDependencies,
  flow: Draining,
  known: readonly string[],
  count: number,
): Promise<RunItem[]> => {
  const isNew = (run: RunItem | undefined): run is RunItem =>
    run !== undefined && run.deleted !== true && !known.includes(run.runId);
  const stands = (run: RunItem): boolean => run.status === "paused" && run.pausedBy?.kind === "flow";
  const parked = (await readAll(deps, flow, await parkedFirst(deps, flow, known)))
    .filter(isNew)
    .filter(stands);
  const oldest = parked.sort((a, b) => (placeInTime(a) < placeInTime(b) ? -1 : 1)).slice(0, count);
  const missing = count - oldest.length;
  if (missing === 0) return oldest;
  const head = await deps.queues.head(flow, known.length + missing + LINGERING);
  const queued: RunItem[] = [];
  for (const record of head) {
    if (queued.length >= missing) break;
    const run = await deps.runs.get(flow.workspace, record.runId);
    if (!isNew(run) || !isQueued(run) || run.waitsFor !== undefined) continue;
    const ready = await secureSlot(deps, flow, record, { run, hold: flow });
    if (ready !== undefined) queued.push(ready);
  }
  return [...oldest, ...queued];
};

/** The order of lists: runs of one millisecond are in that of their ids. */
const placeInTime = ({ createdAt, runId }: RunItem): string => `${createdAt} ${runId}`;

/** Returns the ids of the runs that parked first. */
const parkedFirst = async (
  deps: DrainDependencies,
  flow: Draining,
  known: readonly string[],
): Promise<string[]> => {
  const since = new Map<string, string>();
  for await (const { runId, parkedAt } of deps.parks.ofFlow(flow)) {
    const before = since.get(runId);
    if (!known.includes(runId) && (before === undefined || parkedAt < before)) since.set(runId, parkedAt);
  }
  const ordered = [...since].sort(([, a], [, b]) => (a < b ? -1 : 1));
  return ordered.slice(0, MAX_READ).map(([runId]) => runId);
};

const readAll = async (
  deps: DrainDependencies,
  { workspace }: Draining,
  runIds: readonly string[],
): Promise<(RunItem | undefined)[]> => {
  const runs: (RunItem | undefined)[] = [];
  await forEachConcurrent(runIds, { concurrency: CONCURRENCY }, async (runId) => {
    runs.push(await deps.runs.get(workspace, runId));
  });
  return runs;
};
