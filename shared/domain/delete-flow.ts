import { SluiceError } from "../model/errors.ts";
import { machineName } from "../model/machine-names.ts";
import { isTerminal, RUN_STATUSES, type RunStatus } from "../model/transitions.ts";
import type { FlowRecord } from "../store/records.ts";
import { type RunIndex, sourcesFor } from "../store/run-index.ts";
import { flowChanged, flowNotFound } from "./activate-version.ts";
import type { FlowTools } from "./flow-tools.ts";
import { NewestFirst } from "./merge-newest.ts";

export interface DeletionTools extends FlowTools {
  readonly runIndex: RunIndex;
}

/** A failed run can still be replayed, so it keeps its flow. */
const OPEN = RUN_STATUSES.filter((status) => !isTerminal(status) || status === "failed");
/** More are not counted: the answer is no already. */
const COUNTED = 1_000;
const BATCH = 100;

/** Open runs by status, each read itself: an index may lag. */
const openRuns = async (index: RunIndex, flow: FlowRecord): Promise<Partial<Record<RunStatus, number>>> => {
  const counts: Partial<Record<RunStatus, number>> = {};
  let total = 0;
  let before: string | undefined;
  for (;;) {
    const sources = sourcesFor(flow.workspace, { status: OPEN });
    const merged = new NewestFirst(index, sources, { before }, BATCH);
    const runIds: string[] = [];
    while (runIds.length < BATCH) {
      const run = await merged.next();
      if (run === undefined) break;
      before = run.timeKey;
      if (run.flowId === flow.flowId) runIds.push(run.runId);
    }
    for (const { status, flowId } of await index.read(flow.workspace, runIds)) {
      if (flowId !== flow.flowId || !OPEN.includes(status)) continue;
      counts[status] = (counts[status] ?? 0) + 1;
      total += 1;
    }
    if (merged.exhausted || total >= COUNTED) return counts;
  }
};

const refuseOpenRuns = async (tools: DeletionTools, flow: FlowRecord): Promise<void> => {
  const counts = await openRuns(tools.runIndex, flow);
  const found = Object.entries(counts);
  if (found.length === 0) return;
  const list = found.map(([status, count]) => `${count} ${status}`).join(", ");
  throw new SluiceError("flow_has_open_runs", `The flow has open runs: ${list}`, { counts });
};

/**
 * Deletes a flow without open runs. It is closed for dispatches before the runs are looked for, so none begins unseen, and
 * opened again if some are found; machines go before the items that name them, the flow's own item last. A deletion that
 * died is continued by the next.
 */
export const deleteFlow = async (
  tools: DeletionTools,
  asked: { readonly workspace: string; readonly flowId: string; readonly ifMatch?: number | undefined },
): Promise<void> => {
  const flow = await tools.flows.read(asked.workspace, asked.flowId);
  if (flow === undefined) throw flowNotFound(asked.flowId);
  if (asked.ifMatch !== undefined && asked.ifMatch !== flow.rev) {
    throw flowChanged(flow);
  }
  await refuseOpenRuns(tools, flow);
  if (!(await tools.flows.setDeleting(flow, true))) {
    throw flowChanged(flow);
  }
  try {
    await refuseOpenRuns(tools, flow);
  } catch (error) {
    await tools.flows.setDeleting(flow, false);
    throw error;
  }
  for await (const name of tools.versions.replayMachines(flow)) await tools.machines.delete(name);
  await tools.machines.delete(machineName(flow.workspace, flow.incarnation));
  await tools.flows.purge(flow);
};
