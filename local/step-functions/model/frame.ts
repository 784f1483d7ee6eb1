import type { Json } from "../../../shared/model/json/json.ts";

/** The event that a frame waits for, or its next move. */
export type Phase =
  /** an iteration that MaxConcurrency does not allow to start yet */
  | "pending"
  /** the state is to be attempted */
  | "run"
  /** waits until `wakeAt` */
  | "wait"
  /** the Wait is over */
  | "waited"
  /** a Task in progress: calling its resource, or waiting for its token */
  | "task"
  /** the state's work is over; `outcome`, its result, is to be processed */
  | "settled"
  /** branches or iterations are running */
  | "children"
  /** a retry at `wakeAt` */
  | "retry"
  /** the branch or iteration is complete; `outcome` is its output */
  | "done"
  /** stopped by its own failure or by that of another thread; a redrive resumes it */
  | "stopped";

/** An error before Retry and Catch are applied. Absent members stay absent in the history. */
export interface Failure {
  readonly error?: string;
  readonly cause?: string;
  /** A missed heartbeat: `States.Timeout` in the history, which Retry and Catch also match as `States.HeartbeatTimeout`. */
  readonly heartbeat?: boolean;
  /** The field whose evaluation failed. */
  readonly location?: string;
  /** Raised by the interpreter while it evaluated the state, not by the state's work. */
  readonly evaluation?: boolean;
  /** The expression had a value, but the state cannot use it. */
  readonly evaluated?: boolean;
}
export type Outcome = { readonly output: Json } | { readonly failure: Failure };

/** A frame's memory during one visit of a state. */
export interface Control {
  readonly retryCount: number;
  /** Attempts used, one counter for each retrier. */
  readonly retriers: readonly number[];
  readonly token?: string;
  /** Whether the call that carries the token has been answered; after a restart it is not repeated. */
  readonly submitted?: boolean;
  /** The execution that the Task waits for. */
  readonly awaits?: string;
  /** Epoch ms. */
  readonly deadline?: number;
  readonly heartbeatSeconds?: number;
  /** Concurrent iterations; 0: no limit. */
  readonly concurrency?: number;
  /** The ARN of a distributed Map's run. */
  readonly mapRun?: string;
  /** Failures that a distributed Map tolerates. */
  readonly tolerated?: number;
  readonly failed?: number;
  /** The identity of a distributed Map's child workflow. */
  readonly child?: { readonly id: string; readonly name: string; readonly startedAt: number };
}

/** A thread of an execution: the root, a branch of a Parallel or an iteration of a Map. */
export interface Frame {
  readonly id: number;
  readonly execution: number;
  readonly parent: number | undefined;
  readonly position: number;
  phase: Phase;
  /** Counts the changes of phase: work started in an earlier epoch is void. */
  epoch: number;
  wakeAt: number | undefined;
  state: string;
  entered: number;
  enteredEvent: number;
  lastEvent: number;
  /** Whether the thread writes no history: a child workflow's events are not in its parent's history. */
  readonly silent: boolean;
  control: Control;
  /** JSON text, as are `variables`, `outcome` and `item`. */
  input: string;
  variables: string;
  outcome: string | undefined;
  readonly item: string | undefined;
  total: number;
  begun: number;
  done: number;
}
