import type { Actor } from "../../model/actor.ts";
import type { Move } from "../../model/machines/machine-names.ts";
import type { PausedBy, WaitingOn } from "../../model/schemas/run.ts";
import type { RunStatus, Transition } from "../../model/transitions.ts";
import type { Intent } from "../intent.ts";

/** A move by a resume: from the state at which the run stood, to a state of a version. "" is the end of the flow. */
export interface Moved {
  readonly from: string;
  readonly at: string;
  readonly version: number;
}

/** One status change in the audit. The dispatch has no `from`. A tombstone has one entry, the deletion. */
export interface AuditEntry {
  readonly rev: number;
  readonly at: string;
  readonly actor: Actor;
  readonly action: Transition | "dispatch" | "delete";
  readonly from?: RunStatus;
  readonly to: RunStatus | "deleted";
  readonly reason?: string;
  /** An administrator resumed the run although its user lacked permissions, and vouched for those in `vouched`. */
  readonly override?: boolean;
  readonly vouched?: readonly string[];
  readonly moved?: Moved;
  /** Identifies the write, so that its retry recognizes its own entry. Not shown. */
  readonly op?: string;
}

/**
 * The run item, which every step writes. It stays under 1 KB, since DynamoDB bills a write by the size of the whole item.
 * Payload, output, steps and older audit entries are separate items.
 */
export interface RunItem {
  readonly runId: string;
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  /** The version on which its execution began; for a record in the queue, the one that was active at its dispatch. */
  readonly version: number;
  /**
   * The version that was active when the record was dispatched into the queue. It begins on the version that is active when it leaves
   * the queue. Absent in records that begin on their own version: replays of a certain version, and those that release 0.1 queued.
   */
  readonly dispatchedVersion?: number;
  /** The execution is named `<runId>.<attempt>`. `execution` names that of the first attempt. */
  readonly attempt: number;
  /** Name of the state machine, if the flow is attached. */
  readonly machine?: string;
  /** Name of the first execution, if it is a native one. Sluice never starts that one again. */
  readonly execution?: string;
  /** The attempt from which the run last continued as new. */
  readonly continuedFrom?: number;
  /** The attempt has no execution: an error halted the run in the attempt before, and nobody has resumed it since. */
  readonly unstarted?: true;
  /** The items with the place to which a request sent the run; absent if those of `continuedFrom` say where it continues. */
  readonly entry?: string;
  /** Attached flow: the attempt, and the visit whose gate has led its execution to the place where the run continues. */
  readonly arrived?: { readonly attempt: number; readonly visit: string };
  /** Earlier attempts whose executions are still to be stopped, and when the sweeper does (ISO 8601). */
  readonly toStop?: { readonly id: string; readonly attempts: readonly number[]; readonly due: string };
  /** The versions of the arrival machines on which it continued, each from an attempt on. */
  readonly moves?: readonly Move[];
  /**
   * Number of events that the execution may still add before a gate measures its history. Set at the first gate of a flow that
   * loops.
   */
  readonly historyBudget?: number;
  /** The state at which a replay starts, on a state machine of its own or, in an attached flow, on the flow's. */
  readonly startState?: string;
  readonly status: RunStatus;
  readonly rev: number;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly startedBy: Actor;
  readonly runAs: "user" | "system";
  /** The run was resumed or queued before it continued (`runAs: "user"`). */
  readonly resumed?: boolean;
  /** Permissions that an administrator vouched for at a resume. Gates treat them as the user's own. */
  readonly vouched?: readonly string[];
  readonly startedAt?: string;
  /** How long it is expected to last, an ISO 8601 duration: that of the version that was active at its dispatch. */
  readonly expect?: string;
  /** When it becomes overdue. Removed when that event has been published. ISO 8601. */
  readonly expectedBy?: string;
  /** When it became overdue, once the event has been published. ISO 8601. */
  readonly overdueSince?: string;
  readonly endedAt?: string;
  /** The newest top-level visit. */
  readonly currentStep?: {
    readonly name: string;
    readonly stepId: string;
    readonly entered: string;
    /** The step's attempt that last passed an inline gate; absent for the first. */
    readonly retry?: number;
    /** The flow's setting when the step began. */
    readonly onFailure?: "pause";
    /** The flow had an error cap or a ramp that stops at a share when the step began, so the completion of its runs is counted. */
    readonly countsCompletion?: true;
  };
  readonly waitingOn?: WaitingOn;
  readonly pausedBy?: PausedBy;
  /** The breakpoint: the run is paused when it reaches this state. A resume and the run's end remove it. */
  readonly pauseBefore?: { readonly state: string; readonly by: Actor; readonly reason?: string };
  /** A resume for `of` steps, of which `left` may still begin. The gate after them pauses the run and removes this. */
  readonly stepping?: { readonly left: number; readonly of: number; readonly by: Actor };
  readonly parkedAt?: string;
  /** The canary that took it along, whose holds it passes while that lasts, or the ramp that has let it begin. */
  readonly canary?: string;
  /** No token of the run has ever been parked. Set at the dispatch and removed before the first park; when absent, tokens may be parked. */
  readonly neverParked?: boolean;
  /**
   * The sort time of its item in the flow's queue. It is kept while a user pauses the queued run, and when the run ends in the
   * queue.
   */
  readonly queuedAt?: string;
  /** The order in which queued runs start: 0 to 9, the highest first. Absent: `DEFAULT_PRIORITY`. */
  readonly priority?: number;
  /**
   * The key of its flow's concurrency limit for which it waits. It is then in the queue of that key, and not in that of a hold. Kept like
   * `queuedAt`.
   */
  readonly waitsFor?: string;
  /**
   * The slot that it holds: its key, and for a run that has ended, when the sweeper releases the slot (ISO 8601; a minute after the end if
   * absent). A run that has ended has a slot until that was released.
   */
  readonly slot?: { readonly key: string; readonly due?: string };
  /** The run waited for a slot at its dispatch. */
  readonly waitedAtDispatch?: boolean;
  /** The run was queued at its dispatch. The response to a repeated dispatch with its idempotency key says the same. */
  readonly queuedAtDispatch?: boolean;
  readonly intent?: Intent;
  /** When the state machine's TimeoutSeconds ends the run. A resume postpones it. */
  readonly deadline?: string;
  /** When the sweeper checks that the execution of a silent run still exists. */
  readonly checkAt?: string;
  /** Step Functions does not find the execution of a run that has begun: since when (ISO 8601), and in how many checks. */
  readonly lost?: { readonly since: string; readonly looks: number };
  /** `cause` is shortened; the output item has the full cause. `state` is "" if no state caused the failure. */
  readonly error?: {
    readonly error: string;
    readonly cause: string;
    readonly state: string;
    readonly stepId?: string;
    /** What people read of the cause, shortened. Only where the shortened cause does not show it. */
    readonly message?: string;
  };
  /**
   * The group of the failure, and when it happened (ISO 8601). It counts while the run is failed, or paused by the error. Absent in runs that
   * failed under a release before 0.2.
   */
  readonly failure?: { readonly id: string; readonly at: string };
  readonly cancelReason?: string;
  /** The state before which its top-level gate parked at that time; "" at the end. Valid only for the same `parkedAt`. */
  readonly parkedBefore?: { readonly at: string; readonly state: string };
  readonly replayOf?: string;
  /** Values of its payload by which it is found, as its flow's `Index` said at the dispatch. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Hash of the request body that was sent with the Idempotency-Key. */
  readonly bodyHash?: string;
  /** The newest status changes, written together with the change. Older ones move into the archive. */
  readonly recentAudit: readonly AuditEntry[];
  /** Marks a tombstone, which stays until no late writer can exist any longer. Readers treat the run as absent. */
  readonly deleted?: boolean;
  /** For a tombstone: how long it remembers the idempotency key. ISO 8601. */
  readonly keptUntil?: string;
  /** For a tombstone: the operation that deleted the run, so that a repetition recognizes its own work. */
  readonly deletedBy?: string;
}
