import type { Actor } from "../../model/actor.ts";
import { iso } from "../../model/time/clock.ts";
import { LATE_WRITERS_MS } from "../late-writers.ts";
import { flowChanged, flowNotFound } from "../refusals.ts";
import { type DeletionTools, finishFlowDeletion } from "./finish-flow-deletion.ts";
import { refuseOpenRuns } from "./open-runs.ts";

/**
 * Deletes a flow without open runs. It is closed for dispatches, in one write with the intent to delete it, before the runs
 * are looked for again: whoever dispatches later is refused, and the sweeper finishes a deletion that died. Throws
 * `flow_has_open_runs`, `not_found`, `state_changed`.
 */
export const deleteFlow = async (
  deps: DeletionTools,
  asked: {
    readonly workspace: string;
    readonly flowId: string;
    readonly actor: Actor;
    readonly ifMatch?: number | undefined;
  },
): Promise<void> => {
  const flow = await deps.flows.read(asked.workspace, asked.flowId);
  if (flow === undefined) throw flowNotFound(asked.flowId);
  if (asked.ifMatch !== undefined && asked.ifMatch !== flow.rev) throw flowChanged(flow);
  const begun = flow.deleting === true ? await deps.deletions.read(flow) : undefined;
  if (begun !== undefined) return finishFlowDeletion(deps, flow, begun);
  await refuseOpenRuns(deps.runIndex, flow);
  const now = deps.clock.now();
  const deletion = {
    ...{ workspace: flow.workspace, flowId: flow.flowId, incarnation: flow.incarnation },
    ...{ since: iso(now), by: asked.actor, due: iso(now + LATE_WRITERS_MS), tries: 0, committed: false },
  };
  if (!(await deps.deletions.begin(flow, deletion))) throw flowChanged(flow);
  await finishFlowDeletion(deps, flow, deletion);
};
