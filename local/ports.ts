/**
 * What the parts of the local stack ask of each other. Each service (DynamoDB, Step Functions, Scheduler, Lambda)
 * is an `AwsService`; the gateway mounts it at `/aws/<name>` and is the one place where faults are injected and calls counted.
 */

/** One clock for the whole stack: real time plus an offset that only grows. All times are epoch milliseconds. */
export interface Clock {
  now(): number;
  /**
   * Calls `fire` once, when the clock reaches `at` (at once, but asynchronously, if it already has).
   * When the clock is advanced past several timers they fire in order of `at`, each after the consequences of the one before it have settled.
   */
  schedule(at: number, fire: () => void | Promise<void>, options?: TimerOptions): TimerHandle;
}
export interface TimerOptions {
  /** A recurring timer that came due while the clock is being moved: it waits for the end of the move and fires once. */
  readonly atEndOfMove?: boolean;
}
export interface TimerHandle {
  cancel(): void;
}

/**
 * Counts work that is going on inside the stack, so that moving the clock can wait until the direct consequences have settled.
 * `begin` is called when a piece of work starts; the function that it returns when it is over (calling it twice is harmless).
 * An execution blocked on a timer or a task token is not work.
 */
export interface Activity {
  begin(): () => void;
}

export interface LambdaRequest {
  /** A name, ARN or partial ARN, with or without a version: its last name counts. */
  readonly functionName: string;
  /** The event as JSON text. */
  readonly payload: string;
}
export type LambdaResponse =
  | { readonly ok: true; readonly payload: string; readonly executedVersion: string }
  /** A function error: `errorType` is the error's name, `payload` the JSON text that Lambda answers with it. */
  | { readonly ok: false; readonly errorType: string; readonly payload: string }
  /** An error of the service itself, e.g. `Lambda.TooManyRequestsException` or `Lambda.ResourceNotFoundException`. */
  | { readonly ok: "service-error"; readonly name: string; readonly message: string };
export interface LambdaInvoker {
  /** Never rejects. */
  invoke(request: LambdaRequest): Promise<LambdaResponse>;
}

/** An event of EventBridge's shape, e.g. `Step Functions Execution Status Change`. */
export interface BusEvent {
  readonly source: string;
  readonly "detail-type": string;
  /** ISO 8601. */
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}
export interface EventBus {
  /** Resolves when every target has taken the event; the caller keeps it and tries again if it rejects or the process dies. */
  publish(event: BusEvent): Promise<void>;
}

/** The bill's counters. */
export interface Meter {
  stateTransition(): void;
}

/** An AWS service behind its wire protocol: one operation, body in, answer out. */
export interface AwsService {
  call(operation: string, body: unknown): Promise<unknown>;
}
/** Thrown by an `AwsService`: the service's own error name and HTTP status. */
export class AwsError extends Error {
  readonly status: number;
  constructor(name: string, message: string, status = 400) {
    super(message);
    this.name = name;
    this.status = status;
  }
}
