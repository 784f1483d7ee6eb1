/** Executions of Step Functions and their task tokens. */
export interface Executions {
  /** Returns `exists` when the name is taken, by an earlier call of Sluice or by an execution that has ended. */
  start(request: StartRequest): Promise<"started" | "exists" | "no-machine">;
  /** Stops an execution. One that has ended, or never existed, counts as stopped. */
  stop(executionArn: string, error: string, cause: string): Promise<void>;
  /** Returns `settled` when the token was used or has timed out, or when its execution has ended. */
  succeed(token: string, output: string): Promise<"sent" | "settled">;
  fail(token: string, error: string, cause: string): Promise<"sent" | "settled">;
  /** Returns undefined when there is no such execution. */
  describe(executionArn: string): Promise<ExecutionState | undefined>;
  /** Returns the execution's events, oldest first; none when there is no such execution. */
  history(executionArn: string): AsyncGenerator<HistoryEvent>;
  /** Returns the number of events in its history; 0 when there is no such execution. */
  length(executionArn: string): Promise<number>;
  /** Returns the input, as JSON text, of the newest visit to a state. Only recent events are read. */
  inputOf(executionArn: string, state: string): Promise<string | undefined>;
}

interface StartRequest {
  /** ARN of the state machine version. */
  readonly machineArn: string;
  readonly name: string;
  /** JSON text, which must be byte for byte the same at every attempt. */
  readonly input: string;
}

type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";

export interface ExecutionState {
  readonly status: ExecutionStatus;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  /** ISO 8601. */
  readonly stoppedAt?: string;
}

/** The parts of an event of GetExecutionHistory that Sluice reads. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousId: number;
  /** Epoch milliseconds. */
  readonly time: number;
  /** e.g. `TaskStateEntered`. */
  readonly type: string;
  /** Name of the state entered or exited, or of an iteration's Map. */
  readonly name?: string;
  /** Index of a Map's iteration. */
  readonly index?: number;
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}
