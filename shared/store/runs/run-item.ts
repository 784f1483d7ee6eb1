import type { Actor } from "../../model/actor.ts";
import type { PausedBy, WaitingOn } from "../../model/schemas/run.ts";
import type { RunStatus, Transition } from "../../model/transitions.ts";
import type { Intent } from "../intent.ts";

/** One status change, as the audit shows it. `from` is absent for the dispatch; a deletion is the one entry of a tombstone. */
export interface AuditEntry {
  readonly rev: number;
  readonly at: string;
  readonly actor: Actor;
  readonly action: Transition | "dispatch" | "delete";
  readonly from?: RunStatus;
  readonly to: RunStatus | "deleted";
  readonly reason?: string;
  /** A resume by an administrator although the run's user lacked these permissions, which they vouched for. */
  readonly override?: boolean;
  readonly vouched?: readonly string[];
  /** The call that wrote it, so that a retry of a write that took effect knows its own. Not shown. */
  readonly op?: string;
}

/**
 * The run item, written at every step: kept under 1 KB, since DynamoDB bills by the size of the whole item.
 * Payload, output, steps and older audit entries are items of their own.
 */
export interface RunItem {
  readonly runId: string;
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly version: number;
  /** The execution is named `<runId>.<attempt>`. */
  readonly attempt: number;
  /** The attempt whose execution was left before its history was full: what it left is beside the run. */
  readonly continuedFrom?: number;
  /** Events that the execution's history may get before somebody looks how long it is; in flows that loop, from its first gate on. */
  readonly historyBudget?: number;
  /** A replay that enters at this state: it runs on a machine of its own. */
  readonly startState?: string;
  readonly status: RunStatus;
  readonly rev: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly startedBy: Actor;
  readonly runAs: "user" | "system";
  /** It went on after it had stood still (`runAs: "user"`). */
  readonly resumed?: boolean;
  /** Permissions that an administrator vouched for when they resumed it: its gates take them as the user's own. */
  readonly vouched?: readonly string[];
  readonly startedAt?: string;
  readonly endedAt?: string;
  /** The newest visit at the top level. */
  readonly currentStep?: {
    readonly name: string;
    readonly stepId: string;
    readonly entered: string;
    /** The attempt that was let pass last, where the gate is inside the step; absent: the first. */
    readonly retry?: number;
  };
  readonly waitingOn?: WaitingOn;
  readonly pausedBy?: PausedBy;
  readonly parkedAt?: string;
  /** No token of the run has ever been parked: from its dispatch on, gone before the first one is. Absent: some may be. */
  readonly neverParked?: boolean;
  /** Its place in the flow's queue, behind a hold, which it keeps while a user pauses it, and when it ends there: the queue item's sort time. */
  readonly queuedAt?: string;
  /** It was queued at its dispatch: what a repeated dispatch with its idempotency key answers. */
  readonly queuedAtDispatch?: boolean;
  readonly intent?: Intent;
  /** When the machine's own TimeoutSeconds ends the run; moved by a resume. */
  readonly deadline?: string;
  /** When the sweeper looks whether a silent run's execution still lives. */
  readonly checkAt?: string;
  /** Step Functions does not know the execution of a run that began: since when (ISO 8601), and how often that was seen. */
  readonly lost?: { readonly since: string; readonly looks: number };
  /** `cause` shortened; whole in the output item. `state` is "" where no state is to blame. */
  readonly error?: {
    readonly error: string;
    readonly cause: string;
    readonly state: string;
    readonly stepId?: string;
  };
  readonly cancelReason?: string;
  readonly replayOf?: string;
  /** Hash of the request body that an Idempotency-Key stands for. */
  readonly bodyHash?: string;
  /** The newest status changes, written together with the change itself; the oldest move on into items of their own when the trail grows. */
  readonly recentAudit: readonly AuditEntry[];
  /** A deleted run leaves this until its latest possible writer is gone; readers treat it as absent. */
  readonly deleted?: boolean;
  /** Of a tombstone: until when its idempotency key is remembered. ISO 8601. */
  readonly keptUntil?: string;
  /** Of a tombstone: the operation that deleted the run, so that its redo knows its own work. */
  readonly deletedBy?: string;
}
