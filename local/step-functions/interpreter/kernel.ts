import type { Json } from "../../../shared/model/json/json.ts";
import type { Clock } from "../../ports/clock.ts";
import type { LambdaInvoker } from "../../ports/lambda.ts";
import type { Frame } from "../model/frame.ts";
import type { MaybePromise } from "../model/maybe-promise.ts";
import type { Frames } from "../store/frames.ts";
import type { History } from "../store/history.ts";
import type { Tokens } from "../store/tokens.ts";
import type { Transitions } from "./transitions.ts";
import type { Visit } from "./visit.ts";

/** What a state's evaluation comes to: applied at once, in one unit, if the frame is still where it was. */
export type Effect = (frame: Frame) => void;

/** A task that waits for its token, once the call that carries it was answered. */
export interface WaitingTask {
  readonly token: string;
  readonly executionArn: string;
  readonly stateName: string;
  /** e.g. `arn:aws:states:::sqs:sendMessage.waitForTaskToken`. */
  readonly resource: string;
}

/** What the states work with. */
export interface Kernel {
  readonly clock: Clock;
  readonly lambda: LambdaInvoker;
  readonly region: string;
  readonly frames: Frames;
  readonly history: History;
  readonly tokens: Tokens;
  readonly transitions: Transitions;
  /** Keeps a message that the flow sent to a service which has no local part. */
  recordMessage(service: string, action: string, body: string): void;
  /**
   * Makes a call once everything written so far is committed, and hands its result to `then`
   * (inside one unit) if the frame is still in the phase that the call was made for.
   */
  call<T>(frame: Frame, perform: () => Promise<T>, then: (frame: Frame, result: T) => void): void;
  /** Tells who asked to know, once committed, that a task waits for its token. */
  taskWaiting(task: WaitingTask): void;
}

export interface StateModule {
  /** An attempt of the state, the first or a retry. */
  run(visit: Visit, kernel: Kernel): MaybePromise<Effect>;
  /** A Wait is over. */
  waited?(visit: Visit, kernel: Kernel): MaybePromise<Effect>;
  /** The work settled with a result. */
  settled?(visit: Visit, kernel: Kernel, output: Json): MaybePromise<Effect>;
  /** All branches or iterations are done. */
  joined?(visit: Visit, kernel: Kernel): MaybePromise<Effect>;
  /** A process died while the task's call was under way: makes the call again. */
  resume?(visit: Visit, kernel: Kernel): MaybePromise<Effect>;
}
