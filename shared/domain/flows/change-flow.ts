import type { Actor } from "../../model/actor.ts";
import { flowStatus } from "../../model/holds/kinds.ts";
import type { AuditItem } from "../../model/schemas/run.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { FlowStore } from "../../store/flows/flows.ts";
import type { HoldDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { flowChanged, flowNotFound } from "../refusals.ts";

export interface FlowRequest {
  readonly workspace: string;
  readonly flowId: string;
  /** The flow's incarnation, if the flow may have been deleted and created again. */
  readonly incarnation?: string;
  /** The revision that the client has seen. If absent, any revision is accepted. */
  readonly ifMatch?: number | undefined;
}

export interface FlowChange {
  /** The flow's new state, with the last entry's revision. */
  readonly next: FlowItem;
  readonly entries: readonly AuditItem[];
}
export interface FlowChanged {
  readonly was: FlowItem;
  readonly next: FlowItem;
}

/**
 * Reads the flow. Throws `not_found` if it is deleted, being deleted or of another incarnation, and `state_changed` if the
 * client has seen another revision.
 */
export const readRequestedFlow = async (flows: FlowStore, asked: FlowRequest): Promise<FlowItem> => {
  const flow = await flows.read(asked.workspace, asked.flowId);
  const other = asked.incarnation !== undefined && asked.incarnation !== flow?.incarnation;
  if (flow === undefined || flow.deleting === true || other) throw flowNotFound(asked.flowId);
  if (asked.ifMatch !== undefined && asked.ifMatch !== flow.rev) throw flowChanged(flow);
  return flow;
};

/**
 * Changes the flow in one conditional write. `plan` is called again after a concurrent change. It throws refusals, and returns
 * undefined if there is nothing to change.
 */
export const changeFlow = async (
  deps: Pick<HoldDependencies, "flows" | "clock" | "metrics">,
  asked: FlowRequest,
  plan: (flow: FlowItem, now: number) => FlowChange | undefined,
): Promise<FlowChanged> => {
  let was = await readRequestedFlow(deps.flows, asked);
  return retryOnConflict(
    deps,
    async (attempt) => {
      if (attempt > 1) was = await readRequestedFlow(deps.flows, asked);
      const change = plan(was, deps.clock.now());
      if (change === undefined) return { was, next: was };
      const written = await deps.flows.change(was, change.next, ...change.entries);
      return written ? { was, next: change.next } : "conflict";
    },
    () => flowChanged(was),
  );
};

/** Returns the audit entry of a change. */
export const flowEntry = (
  was: FlowItem,
  next: FlowItem,
  change: {
    /** ISO 8601. */
    readonly at: string;
    readonly actor: Actor;
    readonly action: string;
    readonly reason?: string | undefined;
    /** The states of the holds on steps that the change places or lifts. */
    readonly steps?: readonly string[];
    /** The entry's revision, if one write makes several changes. The default is that of the new flow. */
    readonly rev?: number;
  },
): AuditItem => ({
  at: change.at,
  actor: change.actor,
  action: change.action,
  from: flowStatus(was.holds),
  to: flowStatus(next.holds),
  rev: change.rev ?? next.rev,
  ...(change.reason === undefined ? {} : { reason: change.reason }),
  ...(change.steps === undefined || change.steps.length === 0 ? {} : { steps: change.steps }),
});
