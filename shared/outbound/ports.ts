import type { HoldKind } from "../model/holds/kinds.ts";
import type { AliasRoute } from "../model/machines/alias-route.ts";
import type { BulkState, DrainState } from "../model/machines/loop-machine.ts";
import type { OwnEvent } from "../model/schemas/events.ts";
import type { Run } from "../model/schemas/run.ts";

/** Executions of Step Functions and their task tokens. */
export interface Executions {
  /**
   * Returns `exists` if the name is taken, by an earlier call of Sluice or by an execution that has ended. `no-machine` proves
   * nothing about a machine or version that was just created; `deleting` is final.
   */
  start(request: StartRequest): Promise<"started" | "exists" | "no-machine" | "deleting">;
  /** Stops an execution. One that has ended, or never existed, counts as stopped. */
  stop(executionArn: string, error: string, cause: string): Promise<void>;
  /** Returns `settled` if the token was used or has timed out, or if its execution has ended. */
  succeed(token: string, output: string): Promise<"sent" | "settled">;
  fail(token: string, error: string, cause: string): Promise<"sent" | "settled">;
  /** Returns undefined if there is no such execution. */
  describe(executionArn: string): Promise<ExecutionState | undefined>;
  /** Returns the execution's events, oldest first; none if there is no such execution. */
  history(executionArn: string): AsyncGenerator<HistoryEvent>;
  /** Returns the number of events in its history; 0 if there is no such execution. */
  length(executionArn: string): Promise<number>;
  /** Returns the input, as JSON text, of the newest visit to a state. Only recent events are read. */
  inputOf(executionArn: string, state: string): Promise<string | undefined>;
  /** Describes one attempt of a Distributed Map; undefined if the Map run does not exist. */
  mapRun(mapRunArn: string): Promise<MapRunState | undefined>;
  /** Returns the Map runs of an execution, or of a child of another Map run, that have not ended. */
  openMapRuns(executionArn: string): Promise<string[]>;
}

interface StartRequest {
  /** ARN of the state machine version. */
  readonly machineArn: string;
  readonly name: string;
  /** JSON text, which must be identical at every attempt, byte for byte. */
  readonly input: string;
}

type ExecutionStatus = "RUNNING" | "SUCCEEDED" | "FAILED" | "TIMED_OUT" | "ABORTED" | "PENDING_REDRIVE";

export interface ExecutionState {
  readonly status: ExecutionStatus;
  /** JSON text. */
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  /** The number of times that it was redriven; absent if never. */
  readonly redriveCount?: number;
  /** ISO 8601. */
  readonly stoppedAt?: string;
}

/** One attempt of a Distributed Map, with the numbers of its children by their status. */
export interface MapRunState {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** 0: no limit. */
  readonly maxConcurrency: number;
  readonly total: number;
  readonly pending: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
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
  readonly mapRunArn?: string;
  /** Index of a Map's iteration. */
  readonly index?: number;
  readonly input?: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
  /** Of a scheduled call: the function's ARN, or the action of the service. */
  readonly resource?: string;
  /** Of a scheduled call of a service: `lambda`, for example, and its parameters as JSON text. */
  readonly resourceType?: string;
  readonly parameters?: string;
  /** The variables that a state assigned when it was exited, as JSON texts by name. */
  readonly assigned?: Readonly<Record<string, string>>;
}

/** An invocation of a function by a state of an execution. Times are epoch milliseconds. */
export interface Invocation {
  readonly workspace: string;
  readonly functionName: string;
  readonly executionArn: string;
  /** The event of the execution's history with which the call began. */
  readonly startedId: number;
  readonly from: number;
  /** Absent while it is in progress. */
  readonly to?: number;
  /** Lambda's id of the invocation, if the history has it. */
  readonly requestId?: string;
  /** The message of the error that the function threw. */
  readonly errorMessage?: string;
}

/** The output of an invocation, or the reason why it is not available. */
export interface InvocationLog {
  readonly requestId?: string;
  readonly lines: readonly { readonly at: number; readonly text: string }[];
  /** Whether only the end of a longer output is there. */
  readonly isCut: boolean;
  readonly note?: string;
}

/** The output of the functions that flows call. */
export interface FunctionLogs {
  read(invocation: Invocation): Promise<InvocationLog>;
}

/** State machines of Step Functions. Names come from `machineName`; definitions are ASL as JSON text. */
export interface Machines {
  /**
   * Publishes the definition as the machine's newest version, creates the machine if it does not exist, and returns the
   * version's ARN. The same definition again gives the same version. Throws `invalid_definition` if Step Functions rejects the
   * definition.
   */
  publish(name: string, definition: string): Promise<string>;
  /** Creates a machine without versions. An existing machine with that name stays as it is. */
  create(name: string, definition: string): Promise<void>;
  /** Deletes a version of a machine. Its executions continue. A version that does not exist counts as deleted. */
  deleteVersion(versionArn: string): Promise<void>;
  /** A machine that does not exist counts as deleted. */
  delete(name: string): Promise<void>;
}

/** Tests of single states: Step Functions evaluates a state without an execution, and calls nothing. All values are JSON texts. */
export interface StateTests {
  test(request: StateTestRequest): Promise<StateTestResult>;
}

interface StateTestRequest {
  /** ASL of a machine that has the state. */
  readonly definition: string;
  readonly stateName: string;
  readonly input: string;
  readonly variables: string;
  /** The context object of a state whose call is mocked; absent for a state without a call. */
  readonly context?: string;
}

type StateTestResult =
  | {
      readonly output?: string;
      /** The state that follows; absent at an end. */
      readonly nextState?: string;
      /** The data that the state passes on to its call. */
      readonly passedOn: string;
      /** The variables after the state. */
      readonly variables: string;
    }
  /** The state fails. */
  | { readonly error: string; readonly cause: string }
  /** Step Functions does not test this state. */
  | { readonly refused: string };

/** State machines that Sluice does not deploy. */
export interface TeamMachines {
  /** Returns undefined if the machine does not exist. Throws `KeyDenied` if Sluice may not use the key of its definition. */
  describe(machineArn: string): Promise<TeamMachine | undefined>;
  /** Returns the value of a tag; undefined if the machine does not have it. */
  tag(machineArn: string, name: string): Promise<string | undefined>;
  /** Replaces only the machine's definition. New executions use it after a few seconds at most. */
  update(machineArn: string, definition: string): Promise<void>;
  /** Returns the ARNs of the newest executions that succeeded, up to the limit. */
  recentExecutions(machineArn: string, count: number): Promise<readonly string[]>;
  /** Returns the ARNs of the machine's versions, which never change, up to the limit. */
  versions(machineArn: string, count: number): Promise<readonly string[]>;
  /**
   * Publishes the machine's definition as a version, after replacing it with the given one in the same call. Returns the version's ARN.
   */
  publish(machineArn: string, definition?: string): Promise<string>;
  /** Returns the names of the machine's aliases, up to the limit. */
  aliases(machineArn: string, count: number): Promise<readonly string[]>;
  /** Returns the versions to which an alias points; undefined if the alias does not exist. */
  routes(aliasArn: string): Promise<readonly AliasRoute[] | undefined>;
  /** Points an alias to other versions. Returns false if the alias or one of the versions does not exist. */
  moveAlias(aliasArn: string, routes: readonly AliasRoute[]): Promise<boolean>;
}

/** The roles of state machines that Sluice does not deploy. */
export interface MachineRoles {
  /** Returns the functions that the role may not call according to its policies. */
  notCallable(roleArn: string, functionArns: readonly string[]): Promise<readonly string[]>;
}

/** Sluice may not use the KMS key with which a machine's definition is encrypted. */
export class KeyDenied extends Error {
  readonly action: "kms:Decrypt" | "kms:GenerateDataKey";
  readonly keyArn: string;

  constructor(action: KeyDenied["action"], keyArn: string) {
    super(`Sluice may not use the key ${keyArn}: ${action}`);
    this.name = "KeyDenied";
    this.action = action;
    this.keyArn = keyArn;
  }
}

export interface TeamMachine {
  /** ASL as JSON text. */
  readonly definition: string;
  readonly roleArn: string;
  readonly type: string;
}

/** Executions of one of Sluice's own state machines, each named after the drain or bulk operation that it works on. */
export interface Loops<State, Name> {
  /** Returns `exists` if the name is taken, by an earlier call for the same attempt or by an execution that has ended. */
  start(state: State): Promise<"started" | "exists">;
  isRunning(name: Name): Promise<boolean>;
}

/** Executions are named `<incarnation>-<epoch>-<attempt>`. */
export type Drains = Loops<DrainState, Pick<DrainState, "incarnation" | "epoch" | "attempt">>;

/** Executions are named `<bulk id>-<attempt>`. */
export type BulkJobs = Loops<BulkState, Pick<BulkState, "bulkId" | "attempt">>;

/** The event that a schedule sends to its function, with the hold for which the schedule was created. */
export interface HoldEvent {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly kind: HoldKind;
  readonly holdId: string;
  /** The number of earlier events for this hold that came too early. */
  readonly tries: number;
  /** Begins the planned pause whose id is `holdId`. A release that cannot plan finds no such hold, and does nothing. */
  readonly begins?: boolean | undefined;
}

/** One-time schedules, each for one hold or one planned pause. */
export interface Schedules {
  /** Schedules the end of the hold, not before `at` (epoch milliseconds). An existing schedule stays. */
  createEnd(event: HoldEvent, at: number): Promise<void>;
  /** Schedules the beginning of a planned pause, likewise. */
  createBegin(event: HoldEvent, at: number): Promise<void>;
  /** Schedules the warning before that end. */
  createWarning(event: HoldEvent, at: number): Promise<void>;
  /** Deletes both schedules of the hold. One that does not exist counts as deleted. */
  delete(holdId: string): Promise<void>;
  /** Deletes the schedule that begins a planned pause. One that does not exist counts as deleted. */
  deleteBegin(planId: string): Promise<void>;
}

/** What a schedule of a trigger says at each of its times. */
export interface TriggerEvent {
  readonly workspace: string;
  readonly flowId: string;
  readonly incarnation: string;
  readonly triggerId: string;
  readonly generation: string;
}

/** Recurring schedules, one for each generation of a trigger. */
export interface TriggerSchedules {
  /** Creates the schedule. Returns why Scheduler does not accept it, or undefined. An existing schedule stays. */
  create(
    trigger: TriggerEvent,
    when: { readonly schedule: string; readonly timezone: string; readonly enabled: boolean },
  ): Promise<string | undefined>;
  /** Deletes the schedule. One that does not exist counts as deleted. */
  delete(generation: string): Promise<void>;
}

/** The event bus to which Sluice publishes its own events. */
export interface Events {
  /**
   * Publishes at most `MAX_EVENTS_PER_CALL` events. Returns how many of them, counted from the first, the bus has certainly
   * accepted; it may have accepted later ones too. Throws if the call fails.
   */
  put(events: readonly OwnEvent[]): Promise<number>;
}

/** The `source` of all events. */
export const EVENT_SOURCE = "sluice";

/** EventBridge's limit for one PutEvents call. */
export const MAX_EVENTS_PER_CALL = 10;

/** The deployer's settings of the state machines of all flows. */
export interface MachineOptions {
  readonly logging?: { readonly level: "OFF" | "FATAL" | "ERROR" | "ALL"; readonly logGroupArn: string };
  readonly tracing?: boolean;
  readonly kmsKeyArn?: string;
  /** Given to new machines only. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Waits for the ends of runs. */
export interface EndWaits {
  /** Returns the run, with its output, when it has ended; undefined if it has not after this time. Throws if there is no capacity to wait. */
  forEnd(
    run: { readonly workspace: string; readonly runId: string },
    seconds: number,
  ): Promise<Run | undefined>;
}
