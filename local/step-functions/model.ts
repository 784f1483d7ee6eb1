import type { Json, JsonObject } from "../../shared/model/json/json.ts";

/** What a frame waits for, or what is to be done with it next. */
export type Phase =
  /** an iteration that MaxConcurrency does not let begin yet */
  | "pending"
  /** an attempt of the state is to be made */
  | "run"
  /** a Wait until `wakeAt` */
  | "wait"
  /** its Wait is over */
  | "waited"
  /** a Task in progress: the call under way, or a token waited for */
  | "task"
  /** the state's work is over, `outcome` says how, and is to be looked at */
  | "settled"
  /** branches or iterations are under way */
  | "children"
  /** a retry at `wakeAt` */
  | "retry"
  /** the branch or iteration is complete, `outcome` is its output */
  | "done"
  /** stopped by a failure beside or inside it; a redrive goes on from here */
  | "stopped";

/** An error on its way to a Retry, a Catch or the end. Absent members stay absent in the history. */
export interface Failure {
  readonly error?: string;
  readonly cause?: string;
  /** A missed heartbeat: `States.Timeout` in the history, but Retry and Catch may call it `States.HeartbeatTimeout`. */
  readonly heartbeat?: boolean;
  /** The field whose evaluation failed. */
  readonly location?: string;
  /** Raised by the interpreter while it evaluated the state, not by the state's work. */
  readonly evaluation?: boolean;
}
export type Outcome = { readonly output: Json } | { readonly failure: Failure };

/** What lasts for one visit of a state. */
export interface Control {
  readonly retryCount: number;
  /** Attempts used, one counter for each retrier. */
  readonly retriers: readonly number[];
  readonly token?: string;
  /** The call that carries the token was answered: after a restart it is not made again. */
  readonly submitted?: boolean;
  /** Epoch ms. */
  readonly deadline?: number;
  readonly heartbeatSeconds?: number;
  /** Iterations at a time; 0 = no limit. */
  readonly concurrency?: number;
  /** Failures a distributed Map tolerates. */
  readonly tolerated?: number;
  readonly failed?: number;
  /** A child workflow of a distributed Map has an identity of its own. */
  readonly child?: { readonly id: string; readonly name: string; readonly startedAt: number };
}

export interface Frame {
  readonly id: number;
  readonly execution: number;
  readonly parent: number | undefined;
  readonly position: number;
  phase: Phase;
  /** Counts the changes of phase: what was begun in an earlier one is void. */
  epoch: number;
  wakeAt: number | undefined;
  state: string;
  entered: number;
  enteredEvent: number;
  lastEvent: number;
  /** A child workflow keeps no history in its parent's. */
  readonly silent: boolean;
  control: Control;
  /** JSON texts. */
  input: string;
  variables: string;
  outcome: string | undefined;
  readonly item: string | undefined;
  total: number;
  begun: number;
  done: number;
}

export type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED";

/** Times are epoch ms; input and output are JSON texts. */
export interface Execution {
  readonly id: number;
  readonly arn: string;
  readonly machine: string;
  readonly version: number | undefined;
  readonly name: string;
  readonly definition: number;
  readonly role: string;
  readonly status: ExecutionStatus;
  readonly started: number;
  readonly stopped: number | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly redrives: number;
  readonly redriven: number | undefined;
}

/** A `States` region of a definition: the machine itself, a branch, an item processor. */
export interface Region {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, JsonObject>>;
}
export interface Definition extends Region {
  readonly QueryLanguage?: string;
  readonly TimeoutSeconds?: number;
}

/** 256 KiB of UTF-8: the service's limit for an input, output or result. */
export const PAYLOAD_LIMIT = 262_144;
export const tooLarge = (text: string): boolean =>
  text.length > PAYLOAD_LIMIT || Buffer.byteLength(text) > PAYLOAD_LIMIT;
