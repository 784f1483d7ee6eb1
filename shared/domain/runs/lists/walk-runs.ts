import type { IndexedRun, RunIndex, RunSource, TimeRange } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import { NewestFirst } from "./merge-newest.ts";

/** The runs to search for, and the sources to search in. */
export interface Walk {
  readonly workspace: string;
  readonly sources: readonly RunSource[];
  readonly range: TimeRange;
  /** Runs wanted. */
  readonly limit: number;
  /** Checks the index entry. Returns false only if the run itself could not match at this position. */
  readonly mayMatch: (run: IndexedRun) => boolean;
  /** Checks the run itself. `position` is its position in the index. */
  readonly matches: (record: RunItem, position: string) => boolean;
}
export interface Walked {
  readonly records: readonly RunItem[];
  /** The position to continue from; absent at the end of the list. */
  readonly next?: string;
}

/** Number of runs in one read from DynamoDB. */
const BATCH = 100;
/** Maximum number of runs that one call reads. It then returns those that it has found. */
const MAX_READ = 1_000;

/**
 * Finds runs, newest first, with bounded work however few of them match. The indexes provide candidates; the runs themselves
 * decide whether they match. It may return fewer runs than wanted, even none, with the position to continue from.
 */
export const walkRuns = async (index: RunIndex, walk: Walk): Promise<Walked> => {
  const { workspace, limit } = walk;
  const merged = new NewestFirst(index, walk.sources, walk.range, limit);
  const records: RunItem[] = [];
  let at: string | undefined;
  let size = limit;
  for (let read = 0; read < MAX_READ && !merged.exhausted && !merged.spent; ) {
    const taken = await take(merged, Math.min(size, BATCH), walk.mayMatch);
    at = taken.at ?? at;
    const found = await index.read(
      workspace,
      taken.candidates.map((run) => run.runId),
    );
    const byId = new Map(found.map((record) => [record.runId, record]));
    const before = records.length;
    for (const [i, { runId, position }] of taken.candidates.entries()) {
      const record = byId.get(runId);
      if (record === undefined || !walk.matches(record, position)) continue;
      records.push(record);
      if (records.length < limit) continue;
      if (i < taken.candidates.length - 1) return { records, next: position };
      return merged.exhausted || at === undefined ? { records } : { records, next: at };
    }
    read += taken.candidates.length;
    // If few runs match, more are read at once, to keep the number of calls low.
    const missed = taken.candidates.length - (records.length - before);
    size = Math.max(limit - records.length, 2 * missed);
  }
  return merged.exhausted || at === undefined ? { records } : { records, next: at };
};

/** Takes the next candidates, and the position of the last run that was examined. */
const take = async (merged: NewestFirst, wanted: number, mayMatch: Walk["mayMatch"]) => {
  const candidates: IndexedRun[] = [];
  let at: string | undefined;
  while (candidates.length < wanted) {
    const run = await merged.next();
    if (run === undefined) break;
    at = run.position;
    if (mayMatch(run)) candidates.push(run);
    else if (merged.spent) break;
  }
  return { candidates, at };
};
