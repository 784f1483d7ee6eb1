import type { Actor } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import { standingHolds } from "../../model/holds/hold.ts";
import { machineName } from "../../model/machines/machine-names.ts";
import { iso } from "../../model/time/clock.ts";
import { isOfMachine } from "../../store/flows/attachments.ts";
import type { FlowDeletion } from "../../store/flows/flow-deletions.ts";
import type { FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import { type FlowDeletionDependencies, logFields } from "../deps.ts";
import { LATE_WRITER_MS } from "../grace-periods.ts";
import { flowChanged, flowIsAttached } from "../refusals.ts";
import { takeQueued } from "../runs/queued-run.ts";
import { emptySlots } from "../slots/visit-keys.ts";
import type { FlowRequest } from "./change-flow.ts";
import { dropBegin, dropSchedules } from "./hold-schedules.ts";
import { refuseOpenRuns } from "./open-runs.ts";
import { readFlow } from "./read-flows.ts";

/**
 * Deletes a flow without open runs. One write closes the flow for dispatches and records the intent to delete it; then the runs
 * are searched again. Later dispatches are refused. If this process dies, the sweeper finishes the deletion. Throws
 * `flow_has_open_runs`, `not_found`, `state_changed`.
 */
export const deleteFlow = async (
  deps: FlowDeletionDependencies,
  asked: FlowRequest & { readonly actor: Actor },
): Promise<void> => {
  const flow = await readFlow(deps, asked.workspace, asked.flowId);
  if (asked.ifMatch !== undefined && asked.ifMatch !== flow.rev) throw flowChanged(flow);
  if (isOfMachine(flow)) throw flowIsAttached(flow);
  const begun = flow.deleting === true ? await deps.deletions.read(flow) : undefined;
  if (begun !== undefined) return finishFlowDeletion(deps, flow, begun);
  await refuseOpenRuns(deps.runIndex, flow);
  const now = deps.clock.now();
  const deletion = {
    ...{ workspace: flow.workspace, flowId: flow.flowId, incarnation: flow.incarnation },
    ...{ since: iso(now), by: asked.actor, due: iso(now + LATE_WRITER_MS), tries: 0, committed: false },
    ...(flow.limited === true ? { limited: flow.limited } : {}),
  };
  if (!(await deps.deletions.begin(flow, deletion))) throw flowChanged(flow);
  await finishFlowDeletion(deps, flow, deletion);
};

const QUEUE_PAGE = 100;

/**
 * Finishes a deletion whose flow is closed for dispatches. Open runs are searched once more, since one may have been dispatched
 * in the meantime; if there are any, the flow is reopened. After that, the deletion is final: machines are deleted before the
 * items that name them, and the flow's own item last. Every call is idempotent, so after a crash everything is repeated.
 */
const finishFlowDeletion = async (
  deps: FlowDeletionDependencies,
  flow: FlowItem,
  deletion: FlowDeletion,
): Promise<void> => {
  if (!deletion.committed) {
    await refuseOrReopen(deps, flow);
    if (!(await deps.deletions.commit(flow))) throw flowChanged(flow); // it has been reopened
  }
  for (const hold of standingHolds(flow)) await dropSchedules(deps, flow, hold.id);
  if (flow.scheduledPause !== undefined) await dropBegin(deps, flow, flow.scheduledPause.id);
  await emptyFlow(deps, flow, deletion);
  await deps.deletions.removeFlow(flow);
  deps.log.info("The flow is deleted", { ...logFields(flow), by: deletion.by.id });
};

const refuseOrReopen = async (deps: FlowDeletionDependencies, flow: FlowItem): Promise<void> => {
  try {
    await refuseOpenRuns(deps.runIndex, flow);
  } catch (error) {
    if (error instanceof SluiceError) await deps.deletions.reopen(flow);
    throw error;
  }
};

/**
 * Deletes the stored machines and the triggers' schedules, then the items, then the queue. If a slow dispatcher adds a record to the queue, its run finds
 * no machine and fails with that reason, instead of waiting forever.
 */
const emptyFlow = async (
  deps: FlowDeletionDependencies,
  flow: FlowIdentity,
  { limited }: FlowDeletion,
): Promise<void> => {
  for await (const name of deps.versions.replayMachines(flow)) await deps.machines.delete(name);
  await deps.machines.delete(machineName(flow.workspace, flow.incarnation));
  for (const { generation } of await deps.triggers.all(flow)) await deps.triggerSchedules.delete(generation);
  await deps.deletions.purge(flow);
  for (;;) {
    const records = await deps.queues.head(flow, QUEUE_PAGE);
    if (records.length === 0) break;
    for (const record of records) await takeQueued(deps, flow, record, undefined);
  }
  // Without the flow's hold item, there is no limit: who waits for a slot starts, and finds no machine either.
  if (limited === true) await emptySlots(deps, flow);
};

/** Returns false if the flow has open runs again and was reopened. */
const wasFinished = async (
  deps: FlowDeletionDependencies,
  flow: FlowItem,
  deletion: FlowDeletion,
): Promise<boolean> => {
  try {
    await finishFlowDeletion(deps, flow, deletion);
    return true;
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "flow_has_open_runs") throw error;
    deps.log.info("The flow has runs again and was not deleted", logFields(flow));
    return false;
  }
};

/**
 * Finishes a deletion whose process died. If the flow is already gone, its data is deleted once more after all earlier readers
 * have ended: a slow publisher or replay may have left a machine or items, a slow dispatcher a record.
 */
export const sweepFlowDeletion = async (
  deps: FlowDeletionDependencies,
  asked: FlowIdentity,
): Promise<void> => {
  const deletion = await deps.deletions.read(asked);
  const now = deps.clock.now();
  if (deletion === undefined || deletion.due > iso(now)) return;
  // The next check is written first, so that a failed one is repeated.
  const due = iso(now + LATE_WRITER_MS * Math.min(deletion.tries + 1, 30));
  if (!(await deps.deletions.retry(deletion, due))) return;
  const flow = await deps.flows.read(asked.workspace, asked.flowId);
  if (flow?.incarnation === asked.incarnation && !(await wasFinished(deps, flow, deletion))) return;
  await emptyFlow(deps, asked, deletion);
  await deps.deletions.end(asked);
};
