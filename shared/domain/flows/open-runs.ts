import { isTerminal, RUN_STATUSES, type RunStatus } from "../../model/transitions.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { type RunIndex, sourcesFor } from "../../store/runs/run-index.ts";
import { flowHasOpenRuns } from "../refusals.ts";

/** Statuses that keep a flow from being deleted. Failed runs do too, since they can still be replayed. */
const OPEN = RUN_STATUSES.filter((status) => !isTerminal(status) || status === "failed");
/** Maximum number of runs counted per status. A higher count would not change the answer. */
const COUNTED = 10_000;
/**
 * Up to this number, the runs themselves are read and counted exactly, since the index may lag. If there are more, they are
 * read only until an open one is found.
 */
const READ = 1_000;
const BATCH = 100;

type Counts = Partial<Record<RunStatus, number>>;

/**
 * Counts the flow's open runs by status; an empty object if there are none. They are found by flow id, so that runs of a
 * deleted flow with the same id count too, as they do in lists with the filter of the response.
 */
const openRuns = async (
  index: RunIndex,
  { workspace, flowId }: FlowItem,
  statuses: readonly RunStatus[],
): Promise<Counts> => {
  // A run whose status changes in the meantime may be found twice.
  const found = new Set<string>();
  const counts: Counts = {};
  const find = async (status: RunStatus): Promise<void> => {
    const runs = await index.ofFlow(sourcesFor(workspace, { status: [status] }), flowId, COUNTED);
    for (const run of runs) found.add(run);
    if (runs.length > 0) counts[status] = runs.length;
  };
  await Promise.all(statuses.map(find));
  const listed = [...found];
  const read: Counts = {};
  for (let at = 0; at < listed.length; at += BATCH) {
    for (const run of await index.read(workspace, listed.slice(at, at + BATCH))) {
      if (statuses.includes(run.status)) read[run.status] = (read[run.status] ?? 0) + 1;
    }
    if (listed.length > READ && Object.keys(read).length > 0) return counts;
  }
  return read;
};

/**
 * Throws `flow_has_open_runs` with the counts, and with the filter that finds the runs in lists and bulk operations. A deletion
 * calls it twice, because during the first call a run may change from a status that has not been read yet to one that has.
 */
export const refuseOpenRuns = (index: RunIndex, flow: FlowItem): Promise<void> =>
  refuseRuns(index, flow, OPEN);

/** The same without failed runs, which no longer need the flow's state machine. */
export const refuseUnfinishedRuns = (index: RunIndex, flow: FlowItem): Promise<void> =>
  refuseRuns(
    index,
    flow,
    OPEN.filter((status) => !isTerminal(status)),
  );

const refuseRuns = async (index: RunIndex, flow: FlowItem, statuses: readonly RunStatus[]): Promise<void> => {
  const counts = await openRuns(index, flow, statuses);
  const found = statuses.filter((status) => counts[status] !== undefined);
  if (found.length === 0) return;
  const ordered = Object.fromEntries(found.map((status) => [status, counts[status]])) as Counts;
  throw flowHasOpenRuns(flow.flowId, ordered);
};
