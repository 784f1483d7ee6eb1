import { SluiceError } from "../model/errors.ts";
import { flowStatus } from "../model/holds.ts";
import { allowedActions } from "../model/transitions.ts";
import type { FlowItem } from "../store/flows/flow-item.ts";
import type { RunItem } from "../store/runs/run-item.ts";

/** A run that exists; a tombstone is none. */
export const existingRun = (record: RunItem | undefined): RunItem => {
  if (record === undefined || record.deleted === true) {
    throw new SluiceError("not_found", "There is no such run");
  }
  return record;
};

export const runChanged = (record: RunItem): SluiceError =>
  new SluiceError("state_changed", "State changed; please refresh", {
    currentStatus: record.status,
    rev: record.rev,
  });

export const actionNotAllowed = (record: RunItem, action: string): SluiceError =>
  new SluiceError("action_not_allowed", `A ${record.status} run does not take the action "${action}"`, {
    currentStatus: record.status,
    allowedActions: allowedActions(record.status),
  });

export const flowNotFound = (flowId: string): SluiceError =>
  new SluiceError("not_found", `There is no flow ${flowId}`);

/** The flow is not what the client has seen, or moves too fast to be changed. */
export const flowChanged = (flow: FlowItem): SluiceError =>
  new SluiceError("state_changed", "State changed; please refresh", {
    currentStatus: flowStatus(flow.holds),
    rev: flow.rev,
  });
