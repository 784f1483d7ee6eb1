import type { IndexedRun, RunIndex, RunSource, TimeRange } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import { NewestFirst } from "./merge-newest.ts";

/** The runs that one call searches for, and where. */
export interface Walk {
  readonly workspace: string;
  readonly sources: readonly RunSource[];
  /** Whether a run can move from one source to another without changing its position, as when its status changes. */
  readonly runsMove: boolean;
  readonly range: TimeRange;
  /** Runs wanted. */
  readonly limit: number;
  /** Checks the index entry. False only if the run itself could not match at this position. */
  readonly mayMatch: (run: IndexedRun) => boolean;
  /** Checks the run itself; `position` is its place in the index. */
  readonly matches: (record: RunItem, position: string) => boolean;
}
export interface Walked {
  readonly records: readonly RunItem[];
  /** The position to continue from; absent at the end of the list. */
  readonly next?: string;
}

interface Found {
  readonly record: RunItem;
  readonly position: string;
}
interface Page {
  readonly found: readonly Found[];
  readonly next?: string | undefined;
  /** Ids of the runs that were read, whether they matched or not. */
  readonly examined: ReadonlySet<string>;
}

/** Maximum number of runs that DynamoDB reads in one call. */
const BATCH = 100;
/** Maximum number of runs that one call reads. It then returns those that it has found. */
const MAX_READ = 1_000;

/**
 * Finds runs, newest first, with bounded work even if few of them match. The indexes say where to look; the runs themselves say whether
 * they match. May return fewer runs than requested, even none, with the position to continue from.
 */
export const walkRuns = async (index: RunIndex, walk: Walk): Promise<Walked> => {
  const first = await readPage(index, walk);
  const { found, next } = walk.runsMove ? await lookAgain(index, walk, first) : first;
  const records = found.map(({ record }) => record);
  return next === undefined ? { records } : { records, next };
};

const readPage = async (index: RunIndex, walk: Walk): Promise<Page> => {
  const merged = new NewestFirst(index, walk.sources, walk.range, walk.limit);
  const found: Found[] = [];
  const examined = new Set<string>();
  let at: string | undefined;
  let size = walk.limit;
  for (let read = 0; read < MAX_READ && !merged.exhausted && !merged.spent; ) {
    const taken = await take(merged, Math.min(size, BATCH), walk.mayMatch);
    at = taken.at ?? at;
    for (const { runId } of taken.candidates) examined.add(runId);
    const matching = await readMatching(index, walk, taken.candidates);
    for (const one of matching) {
      found.push(one);
      if (found.length < walk.limit) continue;
      // Candidates after this one are for the next page.
      if (one.position !== taken.candidates.at(-1)?.position) return { found, next: one.position, examined };
      return merged.exhausted ? { found, examined } : { found, next: at, examined };
    }
    read += taken.candidates.length;
    // If few runs match, more are read at once to keep the number of calls low.
    size = Math.max(walk.limit - found.length, 2 * (taken.candidates.length - matching.length));
  }
  return merged.exhausted ? { found, examined } : { found, next: at, examined };
};

/**
 * Reads the part of the list that a page covers once more. A run whose status changes while the indexes are read moves from one partition
 * to another, and may be missed in both. It is missed in both readings only if its status changes during each of them.
 */
const lookAgain = async (index: RunIndex, walk: Walk, page: Page): Promise<Page> => {
  const range = { ...walk.range, after: page.next ?? walk.range.after };
  const merged = new NewestFirst(index, walk.sources, range, walk.limit);
  const { candidates } = await take(
    merged,
    MAX_READ,
    (run) => !page.examined.has(run.runId) && walk.mayMatch(run),
  );
  const late = await readMatching(index, walk, candidates);
  if (late.length === 0) return page;
  const found = [...page.found, ...late].sort((a, b) => (a.position > b.position ? -1 : 1));
  if (found.length <= walk.limit) return { ...page, found };
  const kept = found.slice(0, walk.limit);
  return { ...page, found: kept, next: kept.at(-1)?.position };
};

/** Reads the runs of index entries, and returns those that match, in the same order. */
const readMatching = async (
  index: RunIndex,
  { workspace, matches }: Walk,
  candidates: readonly IndexedRun[],
): Promise<Found[]> => {
  const records: RunItem[] = [];
  for (let at = 0; at < candidates.length; at += BATCH) {
    const batch = candidates.slice(at, at + BATCH);
    records.push(
      ...(await index.read(
        workspace,
        batch.map(({ runId }) => runId),
      )),
    );
  }
  const byId = new Map(records.map((record) => [record.runId, record]));
  return candidates.flatMap(({ runId, position }) => {
    const record = byId.get(runId);
    return record !== undefined && matches(record, position) ? [{ record, position }] : [];
  });
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
