import { MAX_NEWER_RUNS } from "../../../model/limits.ts";
import type { RunIndex } from "../../../store/runs/run-index.ts";
import type { RunItem } from "../../../store/runs/run-item.ts";
import { listAttention } from "./list-attention.ts";
import { listRuns, type RunQuery } from "./list-runs.ts";
import { isVisibleTo } from "./match-run.ts";

export interface ChangesQuery extends Omit<RunQuery, "limit" | "cursor"> {
  /** The attention list, with or without waiting runs, instead of the list of runs. */
  readonly attention?: { readonly waiting: boolean } | undefined;
  /** The runs that the caller shows. */
  readonly runIds: readonly string[];
  /** The time of the newest run in the caller's list, by which the list is ordered. ISO 8601. */
  readonly after?: string | undefined;
}
export interface RunChanges {
  /** The named runs that still exist, whether or not they still belong to the list. */
  readonly records: readonly RunItem[];
  /** How many runs the list has above that time, at most `MAX_NEWER_RUNS`. */
  readonly newer: number;
}

/** Reads again what a caller shows of a list: the named runs, and how many newer ones the list has. */
export const runChanges = async (index: RunIndex, query: ChangesQuery): Promise<RunChanges> => {
  const { workspace, runIds, owner } = query;
  const [records, newer] = await Promise.all([index.read(workspace, runIds), countNewer(index, query)]);
  return { records: records.filter((run) => isVisibleTo(run, owner)), newer };
};

const countNewer = async (index: RunIndex, query: ChangesQuery): Promise<number> => {
  const { attention, after, filter, ...asked } = query;
  if (after === undefined) return 0;
  const page = { ...asked, limit: MAX_NEWER_RUNS };
  const { records } =
    attention === undefined
      ? await listRuns(index, {
          ...page,
          filter: { ...filter, createdAfter: later(after, filter.createdAfter) },
        })
      : await listAttention(index, { ...page, ...attention, filter, after });
  return records.length;
};

const later = (a: string, b: string | undefined): string => (b !== undefined && b > a ? b : a);
