import type { Actor } from "../model/actor.ts";
import type { HoldKind } from "../model/holds.ts";
import type { Caps } from "../model/schemas/flow.ts";
import type { PausedBy, WaitingOn } from "../model/schemas/run.ts";
import type { RunStatus, Transition } from "../model/transitions.ts";

/** What still has to be done for a state change that is already written. Cleared only by its own id. */
export interface Intent {
  readonly id: string;
  /** ISO 8601; when the sweeper redoes it. */
  readonly due: string;
  /** A later intent takes in what an unfinished older one wanted. */
  readonly kinds: readonly IntentKind[];
  /** How often it was redone: spaces the redos. */
  readonly tries: number;
}
export type IntentKind = "start" | "queue" | "wake" | "stop" | "purge";

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
  readonly goesOnFrom?: number;
  /** Events that the execution's history may get before somebody looks how long it is; in flows that loop, from its first gate on. */
  readonly headroom?: number;
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
  readonly unparked?: boolean;
  /** Its place in the flow's queue, behind a hold, which it keeps while a user pauses it, and when it ends there: the queue item's sort time. */
  readonly queuedAt?: string;
  /** It was queued at its dispatch: what a repeated dispatch with its idempotency key answers. */
  readonly arrivedHeld?: boolean;
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
  readonly trail: readonly AuditEntry[];
  /** A deleted run leaves this until its latest possible writer is gone; readers treat it as absent. */
  readonly deleted?: boolean;
  /** Of a tombstone: until when its idempotency key is remembered. ISO 8601. */
  readonly keptUntil?: string;
  /** Of a tombstone: the operation that deleted the run, so that its redo knows its own work. */
  readonly deletedBy?: string;
}

export interface StepItem {
  readonly stepId: string;
  readonly name: string;
  readonly type: "Task" | "Wait" | "Parallel" | "Map";
  readonly path: string;
  /** Whose execution it is part of, where that is not the run's first. */
  readonly attempt?: number;
  readonly entered: string;
  readonly startedAt: string;
  /** JSON text; absent when it was too long for the gate (then it is read from the execution's history). */
  readonly input?: string;
  /** States whose output this step's input is. */
  readonly after: readonly string[];
  readonly waitingOn?: Omit<WaitingOn, "stepId">;
  /** What is known of its end; otherwise derived from the steps after it, or from the history. */
  readonly end?: {
    /** ISO 8601. */
    readonly at: string;
    readonly status: "completed" | "failed" | "cancelled";
    readonly output?: string;
    /** Of an output too long to be kept here: UTF-8 bytes of its JSON text, which the execution's history has. */
    readonly outputSize?: number;
    readonly error?: { readonly error: string; readonly cause: string };
  };
  readonly human?: HumanTask;
}

/** A step that waits for a person. The answer is frozen before the token is sent. */
export interface HumanTask {
  readonly kind: "approval" | "form";
  readonly token: string;
  /** ISO 8601. */
  readonly askedAt: string;
  readonly title: string;
  readonly assignees?: readonly string[];
  /** JSON Schema of the data, as JSON text. */
  readonly form?: string;
  /** JSON text of the answer, and who gave it when. */
  readonly answer?: string;
  readonly intent?: Intent;
}

/** The item beside a run that is over: its output as JSON text, or the whole of its error. */
export interface OutputItem {
  readonly output?: string;
  /** States whose output the flow's output is. */
  readonly after?: readonly string[];
  readonly error?: string;
  readonly cause?: string;
}

export interface ParkItem {
  readonly runId: string;
  readonly token: string;
  readonly state: string;
  readonly path: string;
  readonly entered: string;
  readonly parkedAt: string;
  /** Whose hold it waits for. */
  readonly holder: "user" | "flow";
}

/** A reason why the flow does not run. */
export interface Hold {
  /** Never used again: whatever is meant for this hold carries it. */
  readonly id: string;
  readonly since: string;
  readonly by: Actor;
  readonly reason?: string;
  /** When it ends by itself. ISO 8601. */
  readonly resumeAt?: string;
}
export type Holds = Readonly<Partial<Record<HoldKind, Hold>>>;

/** The small item that every gate reads. */
export interface HoldItem {
  readonly incarnation: string;
  readonly holds: Holds;
  readonly mode: "queue" | "reject";
  readonly epoch: number;
  readonly caps: Caps;
}

/** What is left to do after the last hold went: wake what is parked, start what is queued. */
export interface DrainIntent {
  /** The epoch that it belongs to; a later one makes it void. */
  readonly epoch: number;
  /** Of its execution's name: a name is burnt for 90 days, also by a failure. */
  readonly attempt: number;
  /** Starts a second. */
  readonly rate: number;
  /** When the sweeper looks whether it goes on. ISO 8601. */
  readonly due: string;
  /** When the last hold went. ISO 8601. */
  readonly since: string;
}

/** When the queue is next counted again, and what it was like, with its counter, when they last did not agree. */
export interface Recount {
  /** ISO 8601. */
  readonly due: string;
  readonly seen?: string;
}

/** A record that waits behind a hold. */
export interface QueueItem {
  readonly runId: string;
  /** The run's `queuedAt`: records start in its order. */
  readonly time: string;
  /** Whoever read this item deletes this item, not one put since. */
  readonly nonce: string;
}

export interface FlowItem {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly name: string;
  readonly description: string;
  readonly runAs: "user" | "system";
  /** The active version, 0 while there are only drafts. */
  readonly version: number;
  readonly rev: number;
  readonly epoch: number;
  readonly mode: "queue" | "reject";
  readonly holds: Holds;
  readonly caps: Caps;
  readonly drain?: DrainIntent;
  readonly recount?: Recount;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** Set while the flow is being deleted: nothing is dispatched any more. */
  readonly deleting?: boolean;
  /** Who deletes it, since when. ISO 8601. */
  readonly deletion?: { readonly at: string; readonly actor: Actor };
}

export interface VersionItem {
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly warnings: readonly string[];
  readonly definitionHash: string;
  readonly runAs: "user" | "system";
  readonly timeoutSeconds?: number;
  /** A step of it has `Requires`. */
  readonly requires?: boolean;
  /** Each of its steps asks a gate before it begins. */
  readonly gated?: boolean;
  /** Absent while the state machine's version is not made yet. */
  readonly machineVersionArn?: string;
}
