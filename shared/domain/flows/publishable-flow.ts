import { iso } from "../../model/time/clock.ts";
import { isOfMachine } from "../../store/flows/attachments.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { FlowDependencies } from "../deps.ts";
import { flowIsAttached, flowIsBeingDeleted } from "../refusals.ts";
import type { PublishRequest } from "./plan-version.ts";

/** Returns the flow, or the one that a first publication creates. Throws if it cannot be published now. */
export const readPublishable = async (
  deps: FlowDependencies,
  request: PublishRequest,
): Promise<{ readonly flow: FlowItem; readonly exists: boolean }> => {
  const existing = await deps.flows.read(request.workspace, request.flowId);
  if (existing === undefined) return { flow: newFlow(deps, request), exists: false };
  if (existing.deleting === true) throw flowIsBeingDeleted();
  if (isOfMachine(existing)) throw flowIsAttached(existing);
  return { flow: existing, exists: true };
};

const newFlow = (deps: FlowDependencies, request: PublishRequest): FlowItem => {
  const now = iso(deps.clock.now());
  const { workspace, flowId } = request;
  return {
    ...{ workspace, flowId, incarnation: deps.ids.unique() },
    name: request.name ?? flowId,
    description: request.description ?? "",
    runAs: request.runAs ?? "user",
    ownKeys: true,
    ...{ version: 0, rev: 0, epoch: 0, mode: "queue", holds: {}, caps: {}, createdAt: now, updatedAt: now },
  };
};
