import type { Json, JsonObject } from "../json/json.ts";

/**
 * What a compiled flow sends to Sluice's task functions. Compiled flows outlive releases, so the payload carries its version
 * and a field's meaning never changes.
 */
export const TASK_EVENT_VERSION = 1;

/**
 * Error names that the task functions throw. `AccessDenied` and `Rejected` belong to the user, who may catch them;
 * the others are control errors, which never reach the user's Catch or Retry. No name is ever used for something else.
 */
export const TASK_ERRORS = {
  /** The run or its flow is held: go and park. Never leaves the gate's own Catch. */
  paused: "Sluice.Paused",
  /** The run is cancelled, deleted or over: end the execution quietly. */
  closed: "Sluice.Closed",
  /** The run is past its deadline (the machine's TimeoutSeconds). */
  timedOut: "Sluice.TimedOut",
  /** The running user lacks a permission that the step requires. */
  accessDenied: "Sluice.AccessDenied",
  /** An approval was answered with "rejected". */
  rejected: "Sluice.Rejected",
  /** The execution's history is nearly full: the run goes on from this gate in a fresh one. Only where the gate says `growth`. */
  continueAsNew: "Sluice.Continuation",
} as const;

/** A gate inside a user's function could not ask: it is asked again, and no handler of the user's sees it. */
export const GATE_FAILED = "Sluice.GateFailed";

/** Constants of the compiled text, and the execution that runs it. */
interface TaskEventBase {
  readonly v: number;
  readonly workspace: string;
  readonly flowId: string;
  /** The identity of the flow from creation to deletion. */
  readonly incarnation: string;
  /** The flow version that was compiled. */
  readonly version: number;
  /** `$$.Execution.Name`: `<run id>.<n>`. */
  readonly execution: string;
}

/** One visit to a state. Stable through retries of the gate and through the park loop. */
export interface Visit {
  /** The user's state name; "" for the gate at the end of the flow. */
  readonly state: string;
  /** Where the visit is: "" at the top level, else e.g. `Fan[1]/Each[17]` (branch or iteration index of each enclosing state). */
  readonly path: string;
  /** EnteredTime of the visit's first gate, ISO 8601. */
  readonly entered: string;
}

export type StepType = "Task" | "Wait" | "Parallel" | "Map";
export type WaitKind = "delay" | "approval" | "form" | "callback";

export interface GateEvent extends TaskEventBase, Visit {
  readonly op: "gate";
  /** `step` and `wait` stand before a state, `complete` and `fail` at the flow's end. */
  readonly kind: "step" | "wait" | "complete" | "fail";
  /** Type of the user's state; absent for `complete` and for a `fail` that no state began. */
  readonly type?: StepType;
  /** The raw input of the user's state (`complete`: the flow's output), only while its text is shorter than 50,000 characters. */
  readonly input?: Json;
  /** States whose normal end leads straight here, so that this input is their output, to the letter. */
  readonly after?: readonly string[];
  /** `wait` only. `seconds` or `timestamp` where the state's own fields say until when. */
  readonly waitingOn?: { readonly kind: WaitKind; readonly seconds?: number; readonly timestamp?: string };
  /** Permissions that the running user must have. */
  readonly requires?: readonly string[];
  /** The step's declared cost, for the spend meter. */
  readonly cost?: number;
  /** The machine's own TimeoutSeconds, which was taken out of the compiled text. */
  readonly timeoutSeconds?: number;
  /** Of a gate inside the step: `$$.State.RetryCount`, since each attempt asks anew. */
  readonly retry?: number;
  /**
   * The flow can go on from here in a fresh execution, and this one's history gets at most so many events before the next gate
   * that says the same.
   */
  readonly growth?: number;
  /** `fail` only: what the execution is about to fail with. */
  readonly error?: string;
  readonly cause?: string;
}

export interface ParkEvent extends TaskEventBase, Visit {
  readonly op: "park";
  readonly token: string;
  /** The gate was inside the step, which has been left: nothing of this visit goes on any more. */
  readonly inline?: boolean;
}

/** What a function with its gate inside is called with: the gate's question, and the event that it would have had without. */
export interface InlineCall {
  readonly sluice: GateEvent;
  readonly event: Json;
  /** The event is the state's raw input, to the letter. */
  readonly raw?: boolean;
  /** As `lambda:invoke` has it: an event that is a string is the JSON text of what the function gets. */
  readonly text?: boolean;
}

/** The Task behind `arn:sluice:::approval` and `arn:sluice:::form`. */
export interface HumanStepEvent extends TaskEventBase, Visit {
  readonly op: "human";
  readonly kind: "approval" | "form";
  readonly token: string;
  /** The state's Parameters or Arguments, evaluated: a `HumanQuestion`, unless an expression of the user's made it something else. */
  readonly spec: Json;
}

/** The question of an approval or a form, in the words of the flow's text. */
export interface HumanQuestion {
  readonly Title: string;
  readonly Assignees?: readonly string[];
  /** JSON Schema of the answer's data. */
  readonly Form?: JsonObject;
}

/** Both ends of a hand-over: what the old execution leaves, and what the fresh one takes up. */
export type ContinueEvent = TaskEventBase & { readonly op: "handOver" } & (
    | {
        /** Keeps one variable; without a value it is not assigned. */
        readonly part: "keep";
        readonly variable: string;
        readonly value?: Json;
      }
    /** Goes on at the gate of `state`, whose raw input is that of the generated state `place`. */
    | { readonly part: "leave"; readonly state: string; readonly place: string }
    /** Asks where to begin: `Arrival`. */
    | { readonly part: "arrive" }
    | { readonly part: "variable"; readonly variable: string }
    | { readonly part: "input" }
  );

/** What a fresh execution begins with; empty where it is the run's first. */
export interface Arrival {
  readonly state?: string;
  /** Names of those that were kept. */
  readonly variables?: readonly string[];
}

export type TaskEvent = GateEvent | ParkEvent | HumanStepEvent | ContinueEvent;
