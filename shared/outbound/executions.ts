/** What the domain asks of Step Functions about executions and their task tokens. */
export interface Executions {
  /** `exists`: the name is taken, by our own earlier call or by an execution that is over. */
  start(request: StartRequest): Promise<"started" | "exists" | "no-machine">;
  /** Ends an execution; one that is over or never was counts as stopped. */
  stop(executionArn: string, error: string, cause: string): Promise<void>;
  /** `settled`: the token is spent, timed out or of an execution that is over. */
  succeed(token: string, output: string): Promise<"sent" | "settled">;
  fail(token: string, error: string, cause: string): Promise<"sent" | "settled">;
  /** Undefined where there is no such execution. */
  describe(executionArn: string): Promise<ExecutionState | undefined>;
  /** The execution's events, oldest first; none where there is no such execution. */
  history(executionArn: string): AsyncGenerator<HistoryEvent>;
  /** How many events its history has; 0 where there is no such execution. */
  length(executionArn: string): Promise<number>;
  /** The input, as JSON text, of the newest entry to a state; undefined where the history shows none. */
  inputOf(executionArn: string, state: string): Promise<string | undefined>;
}

interface StartRequest {
  /** Of the machine's version. */
  readonly machineArn: string;
  readonly name: string;
  /** JSON text, to the byte the same at every try. */
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

/** What Sluice reads of an event of GetExecutionHistory. */
export interface HistoryEvent {
  readonly id: number;
  readonly previousId: number;
  /** Epoch milliseconds. */
  readonly time: number;
  /** e.g. `TaskStateEntered`. */
  readonly type: string;
  /** State entered or exited, or the Map of an iteration. */
  readonly name?: string;
  /** Of a Map's iteration. */
  readonly index?: number;
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}
