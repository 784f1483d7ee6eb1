import type { Actor } from "../../model/actor.ts";
import { flowStatus } from "../../model/holds.ts";
import type { AuditItem } from "../../model/schemas/run.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { FlowStore } from "../../store/flows/flows.ts";
import type { HoldDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { flowChanged, flowNotFound } from "../refusals.ts";

export interface FlowAsked {
  readonly workspace: string;
  readonly flowId: string;
  /** Of the flow that is meant, where it may have been deleted and made again. */
  readonly incarnation?: string;
  /** The rev that the client has seen; absent: whatever it is. */
  readonly ifMatch?: number | undefined;
}

export interface FlowChange {
  /** Its rev is the last entry's. */
  readonly next: FlowItem;
  readonly entries: readonly AuditItem[];
}
export interface FlowChanged {
  readonly was: FlowItem;
  readonly next: FlowItem;
}

/** The flow as it is; `not_found` where it is gone, being deleted or another one by now. */
export const readAsked = async (flows: FlowStore, asked: FlowAsked): Promise<FlowItem> => {
  const flow = await flows.read(asked.workspace, asked.flowId);
  const other = asked.incarnation !== undefined && asked.incarnation !== flow?.incarnation;
  if (flow === undefined || flow.deleting === true || other) throw flowNotFound(asked.flowId);
  if (asked.ifMatch !== undefined && asked.ifMatch !== flow.rev) throw flowChanged(flow);
  return flow;
};

/**
 * One conditional write of the flow exactly as it was read. `plan` is asked again of the flow that a rival has changed; it throws
 * what refuses the change, and answers undefined where there is nothing to change.
 */
export const changeFlow = async (
  deps: Pick<HoldDependencies, "flows" | "clock" | "metrics">,
  asked: FlowAsked,
  plan: (flow: FlowItem, now: number) => FlowChange | undefined,
): Promise<FlowChanged> => {
  let was = await readAsked(deps.flows, asked);
  return retryOnConflict(
    deps,
    async (attempt) => {
      if (attempt > 1) was = await readAsked(deps.flows, asked);
      const change = plan(was, deps.clock.now());
      if (change === undefined) return { was, next: was };
      const written = await deps.flows.change(was, change.next, ...change.entries);
      return written ? { was, next: change.next } : "conflict";
    },
    () => flowChanged(was),
  );
};

/** What the flow's audit says of a change. */
export const flowEntry = (
  was: FlowItem,
  next: FlowItem,
  change: {
    /** ISO 8601. */
    readonly at: string;
    readonly actor: Actor;
    readonly action: string;
    readonly reason?: string | undefined;
    /** Where several changes are one write; absent: the last. */
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
});
