import type { Json } from "../../../shared/model/json/json.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Integrations, LambdaInvoker, ObjectStore } from "../../ports/services.ts";
import type { Frame, Outcome } from "../model/frame.ts";
import type { MaybePromise } from "../model/maybe-promise.ts";
import type { Frames } from "../store/frames.ts";
import type { History } from "../store/history.ts";
import type { MapRuns } from "../store/map-runs.ts";
import type { Tokens } from "../store/tokens.ts";
import type { Transitions } from "./transitions.ts";
import type { Visit } from "./visit.ts";

/** The result of a state's evaluation: applied in one transaction, provided that the frame is still in the same epoch. */
export type Effect = (frame: Frame) => void;

/** A task that waits for its token, after the call that carries the token was answered. */
export interface WaitingTask {
  readonly token: string;
  readonly executionArn: string;
  readonly stateName: string;
  /** e.g. `arn:aws:states:::sqs:sendMessage.waitForTaskToken`. */
  readonly resource: string;
}

/** Dependencies of the states. */
export interface StateDeps {
  readonly clock: Clock;
  readonly lambda: LambdaInvoker;
  readonly integrations: Integrations;
  readonly objects: ObjectStore;
  readonly region: string;
  readonly frames: Frames;
  readonly history: History;
  readonly tokens: Tokens;
  readonly mapRuns: MapRuns;
  readonly transitions: Transitions;
  /** Starts an execution for a Task. @throws AwsError */
  startExecution(request: Record<string, unknown>): Record<string, unknown>;
  /** Makes the Task end when the execution that it has started ends. */
  awaitExecution(frame: Frame, executionArn: string): void;
  /** Offers an activity's task to its workers; false if there is no such activity. */
  scheduleActivity(frame: Frame, activityArn: string, token: string, input: string): boolean;
  /** Withdraws whatever a Task waits for, when the Task ends. */
  taskOver(frame: Frame): void;
  /**
   * Makes a call once everything written so far is committed. Passes its result to `then`, in a transaction, provided that the
   * frame is still in the epoch that the call was made for.
   */
  call<T>(frame: Frame, perform: () => Promise<T>, then: (frame: Frame, result: T) => void): void;
  /** Returns the answer that a test has ordered for the execution's call, if any. */
  mockOf(execution: number): Outcome | undefined;
  /** Reports, after the commit, that a task waits for its token. */
  taskWaiting(task: WaitingTask): void;
}

export interface StateModule {
  /** An attempt of the state, the first or a retry. */
  run(visit: Visit, deps: StateDeps): MaybePromise<Effect>;
  /** The Wait is over. */
  waited?(visit: Visit, deps: StateDeps): MaybePromise<Effect>;
  /** The state's work has returned a result. */
  settled?(visit: Visit, deps: StateDeps, output: Json): MaybePromise<Effect>;
  /** All branches or iterations are done. */
  joined?(visit: Visit, deps: StateDeps): MaybePromise<Effect>;
  /** The process died during the task's call: repeats the call. */
  resume?(visit: Visit, deps: StateDeps): MaybePromise<Effect>;
}
