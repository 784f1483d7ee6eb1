import type { Actor } from "../../model/actor.ts";
import { isTerminal, nextStatus, type RunAction } from "../../model/transitions.ts";
import type { AuditEntry, RunItem } from "../../store/runs/run-item.ts";
import type { Patch, StatusChange } from "../../store/runs/status-change.ts";
import type { RunDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { actionNotAllowed, existingRun, runAlreadyTerminal, runChanged, runHeldByFlow } from "../refusals.ts";

export interface ActionRequest {
  readonly workspace: string;
  readonly runId: string;
  readonly actor: Actor;
  readonly reason?: string;
  /** The revision that the caller saw. If absent, any revision is accepted. */
  readonly ifMatch?: number;
  /** Reads the run, for callers that read more with it. Called once, at the beginning. */
  readonly read?: () => Promise<RunItem | undefined>;
  /** Marks the change in the audit, for callers that must recognize it as their own. */
  readonly op?: string;
}

interface RequestedAction extends ActionRequest {
  readonly action: RunAction;
}

/** Throws the first refusal that applies to the run, in the order that the API promises. */
export const refuseAction = (record: RunItem, action: RunAction, ifMatch?: number): void => {
  refuseOutdated(record, ifMatch);
  if (action === "resume" && record.pausedBy?.kind === "flow") throw runHeldByFlow(record);
  if (!allows(record, action)) throw actionNotAllowed(record, action);
};

/** Refuses a run that has ended, or has another revision than the caller saw. */
export const refuseOutdated = (record: RunItem, ifMatch: number | undefined): void => {
  refuseTerminal(record);
  if (ifMatch !== undefined && ifMatch !== record.rev) throw runChanged(record);
};

const refuseTerminal = (record: RunItem): void => {
  if (isTerminal(record.status)) throw runAlreadyTerminal(record);
};

const allows = (record: RunItem, action: RunAction): boolean =>
  nextStatus(record.status, action) !== undefined;

/** Plans the write of an action on the run as it was read, or throws a refusal of its own. `op` marks its audit entry. */
export type Plan = (record: RunItem, now: number, op: string) => Planned | Promise<Planned>;
interface Planned {
  readonly change: StatusChange;
  readonly patch: Patch;
}

/**
 * Transitions by which a gate may change the status at the same time as a person. The person's action is then attempted again.
 */
const GATE_TRANSITIONS: readonly AuditEntry["action"][] = ["begin", "wait", "proceed"];

/**
 * Applies a person's action to a run, in one conditional write on the revision that was read. After a conflict, the item that
 * the write returns decides.
 */
export const applyAction = async (
  deps: RunDependencies,
  request: RequestedAction,
  plan: Plan,
): Promise<RunItem> => {
  const { action } = request;
  const op = request.op ?? deps.ids.unique().slice(0, 8);
  const read = request.read ?? (() => deps.runs.get(request.workspace, request.runId));
  let record = existingRun(await read());
  refuseAction(record, action, request.ifMatch);
  return retryOnConflict(
    deps,
    async () => {
      const { change, patch } = await plan(record, deps.clock.now(), op);
      const written = await deps.runs.changeStatus(record, [change], patch);
      if (written.ok) return written.run;
      const current = existingRun(written.current);
      if (current.recentAudit.some((entry) => entry.op === op)) return current; // our own write, retried by the SDK
      refuseTerminal(current);
      // Cancel wins over every pause and resume: it applies to the run in whatever state it is.
      const sameIntent = action === "cancel" || changedByGates(record, current);
      // To the caller, a write that keeps the revision, such as continuing as new, is not a change.
      const asSeen = request.ifMatch === undefined || request.ifMatch === current.rev;
      if (!asSeen || !sameIntent || !allows(current, action)) throw runChanged(current);
      record = current;
      return "conflict";
    },
    () => runChanged(record),
  );
};

const changedByGates = (before: RunItem, after: RunItem): boolean => {
  const since = after.recentAudit.filter((entry) => entry.rev > before.rev);
  return (
    since.length === after.rev - before.rev && since.every((entry) => GATE_TRANSITIONS.includes(entry.action))
  );
};
