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
  /** The revision that the caller saw; absent: whatever it is. */
  readonly ifMatch?: number;
  /** The run as it is, where the caller reads more with it; it is called once, at first. */
  readonly read?: () => Promise<RunItem | undefined>;
  /** Marks the change in the trail, where the caller has to know it again as its own. */
  readonly op?: string;
}

/** Refuses what may not be done to the run as it stands, in the interface's order of refusals. */
const refuse = (record: RunItem, action: RunAction, ifMatch: number | undefined): void => {
  refuseTerminal(record);
  if (ifMatch !== undefined && ifMatch !== record.rev) throw runChanged(record);
  if (action === "resume" && record.pausedBy?.kind === "flow") throw runHeldByFlow(record);
  if (!allows(record, action)) throw actionNotAllowed(record, action);
};

const refuseTerminal = (record: RunItem): void => {
  if (isTerminal(record.status)) throw runAlreadyTerminal(record);
};

const allows = (record: RunItem, action: RunAction): boolean =>
  nextStatus(record.status, action) !== undefined;

/** The write that an action makes on the run as it was read, or a refusal of its own, thrown; `op` marks its trail entry. */
export type Plan = (record: RunItem, now: number, op: string) => Planned | Promise<Planned>;
interface Planned {
  readonly change: StatusChange;
  readonly patch: Patch;
}

/** A gate may change the status while a person clicks; that is no reason to send them back. */
const GATE_TRANSITIONS: readonly AuditEntry["action"][] = ["begin", "wait", "proceed"];

/** One conditional write on the revision that was read; what refuses it is told from the item that came back. */
export const applyAction = async (
  deps: RunDependencies,
  request: ActionRequest,
  action: RunAction,
  plan: Plan,
): Promise<RunItem> => {
  const op = request.op ?? deps.ids.unique().slice(0, 8);
  const read = request.read ?? (() => deps.runs.get(request.workspace, request.runId));
  let record = existingRun(await read());
  refuse(record, action, request.ifMatch);
  return retryOnConflict(
    deps,
    async () => {
      const { change, patch } = await plan(record, deps.clock.now(), op);
      const written = await deps.runs.changeStatus(record, [change], patch);
      if (written.ok) return written.run;
      const current = existingRun(written.current);
      if (current.recentAudit.some((entry) => entry.op === op)) return current; // our own write, retried by the SDK
      refuseTerminal(current);
      // Cancel wins over every pause and resume: whoever asks for it means the run as it will be.
      const sameIntent = action === "cancel" || changedByGates(record, current);
      // A write that leaves the status alone, such as continuing in a fresh execution, is no change to the caller.
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
