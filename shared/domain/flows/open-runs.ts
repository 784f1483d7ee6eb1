import { isTerminal, RUN_STATUSES, type RunStatus } from "../../model/transitions.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import { type RunIndex, sourcesFor } from "../../store/runs/run-index.ts";
import { flowHasOpenRuns } from "../refusals.ts";

/** A failed run can still be replayed, so it keeps its flow. */
const OPEN = RUN_STATUSES.filter((status) => !isTerminal(status) || status === "failed");
/** So many are counted at most: the answer is no already. */
const COUNTED = 10_000;
/** So many are read themselves, since an index may lag, and counted exactly; of more, until one is found. */
const READ = 1_000;
const BATCH = 100;

type Counts = Partial<Record<RunStatus, number>>;

/**
 * The flow's open runs by status; none: an empty object. By flow id: a run of a flow that was deleted before, under the same
 * id, is one that a list by the answer's filter shows.
 */
const openRuns = async (index: RunIndex, { workspace, flowId }: FlowItem): Promise<Counts> => {
  // A run that moves on meanwhile is found under both statuses.
  const found = new Set<string>();
  const counts: Counts = {};
  const find = async (status: RunStatus): Promise<void> => {
    const runs = await index.ofFlow(sourcesFor(workspace, { status: [status] }), flowId, COUNTED);
    for (const run of runs) found.add(run);
    if (runs.length > 0) counts[status] = runs.length;
  };
  await Promise.all(OPEN.map(find));
  const listed = [...found];
  const read: Counts = {};
  for (let at = 0; at < listed.length; at += BATCH) {
    for (const run of await index.read(workspace, listed.slice(at, at + BATCH))) {
      if (OPEN.includes(run.status)) read[run.status] = (read[run.status] ?? 0) + 1;
    }
    if (listed.length > READ && Object.keys(read).length > 0) return counts;
  }
  return read;
};

/**
 * Throws `flow_has_open_runs`, with how many there are, and the filter that finds them in lists and bulk operations. A deletion asks
 * twice: a run that goes on from a status not yet asked for to one that was is in neither answer the first time.
 */
export const refuseOpenRuns = async (index: RunIndex, flow: FlowItem): Promise<void> => {
  const counts = await openRuns(index, flow);
  const found = OPEN.filter((status) => counts[status] !== undefined);
  if (found.length === 0) return;
  const ordered = Object.fromEntries(found.map((status) => [status, counts[status]])) as Counts;
  throw flowHasOpenRuns(flow.flowId, ordered);
};
