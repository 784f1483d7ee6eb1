import type { Json, JsonObject } from "../json/json.ts";

/**
 * Version of the events that compiled flows send to Sluice's task functions. Compiled flows outlive releases, so each event states its
 * version, and the meaning of a field never changes. Events of version 1 state run, state and visit in fields of their own; those of
 * version 2 have a `CompactOrigin` instead.
 */
export const TASK_EVENT_VERSION = 2;

/** Version of the gate events that a user's function receives. Its middleware may be older than the compiler. */
export const INLINE_EVENT_VERSION = 1;

/** The execution's ARN, the context object's `State`, and the task token of a state that waits for one. */
export type CompactOrigin = readonly [
  execution: string,
  state: { readonly Name: string; readonly EnteredTime: string },
  token?: string,
];

const BEFORE_STATE = " - ";

/** Name of the generated state that has a role for one of the user's states. */
export const generatedName = (role: string, state: string): string => role + BEFORE_STATE + state;

/** The user's state in the name of a generated state; undefined if there is none. */
export const stateInName = (generated: string): string | undefined => {
  const at = generated.indexOf(BEFORE_STATE);
  return at === -1 ? undefined : generated.slice(at + BEFORE_STATE.length);
};

/**
 * Names of errors that the task functions throw. Users may catch `AccessDenied` and `Rejected`; the others control the compiled flow
 * and never reach the user's Catch or Retry. The meaning of a name never changes.
 */
export const TASK_ERRORS = {
  /**
   * The run is paused or its flow is held, so the flow parks. The gate's own Catch always handles it. A gate whose event has an `arn`
   * gives this answer for a run that is over, too: the park ends the execution.
   */
  paused: "Sluice.Paused",
  /** The run is cancelled, deleted or has ended, so the execution ends without a failure of the run. */
  closed: "Sluice.Closed",
  /** The run is past its deadline, the flow's TimeoutSeconds. */
  timedOut: "Sluice.TimedOut",
  /** The running user lacks a permission that the step requires. */
  accessDenied: "Sluice.AccessDenied",
  /** A person rejected an approval. */
  rejected: "Sluice.Rejected",
  /** The execution has no run, and none may be created for it. Only gates of attached flows answer this and the next two. */
  notARun: "Sluice.NotARun",
  /** The execution's run has ended, or was deleted. */
  runIsOver: "Sluice.RunIsOver",
  /** The flow is paused in the mode `reject`, and the execution has no run yet. */
  flowHeld: "Sluice.FlowHeld",
  /** The execution's history is nearly full, so the run continues as new from this gate. Only for a gate with `growth`. */
  continueAsNew: "Sluice.Continuation",
  /** The run continues elsewhere than at the flow's start. Only for the first gate of an attached flow. */
  arrival: "Sluice.Arrival",
} as const;

/** The gate cannot be called, and the attached flow's `whenUnreachable` is `fail`. */
export const GATE_UNREACHABLE = "Sluice.GateUnreachable";

/** A gate inside a user's function failed. The compiled flow retries it; the user's Catch and Retry never see the error. */
export const GATE_FAILED = "Sluice.GateFailed";

/** The flow and the execution that an event comes from. */
interface TaskEventBase {
  readonly v: number;
  readonly workspace: string;
  readonly flowId: string;
  /** Identifies the flow between its creation and its deletion. */
  readonly incarnation: string;
  /** The flow version that was compiled. Only in version 1. */
  readonly version?: number;
  /** `$$.Execution.Name`: `<run id>.<n>`. */
  readonly execution: string;
  /** `$$.Execution.Id`. Only in version 2, whose compiled text leaves it to its functions to end the execution of a run that is over. */
  readonly arn?: string;
  /** Only for a child of a Distributed Map. `arn` and `execution` are then those of the run. */
  readonly child?: ChildPlace;
  /** Only for an attached flow. */
  readonly attached?: AttachedExecution;
}

/** The execution of an attached flow. Anyone may have started it. */
interface AttachedExecution {
  /** Name of the state machine. */
  readonly machine: string;
  /** Name of the execution. */
  readonly name: string;
  /** The flow version that it runs. */
  readonly version: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** The number of times that the execution was redriven. */
  readonly redrives: number;
}

/**
 * The wrapper of a Distributed Map's items, which identifies the run to the children: the name of the run's execution, and `[path, Map]`,
 * preceded by those of the Maps and the names of the children around it, in nested lists.
 */
export interface ChildOrigin {
  readonly run: string;
  readonly map: Json;
}

/**
 * A child of a Distributed Map and those around it, outermost first: each the path of the Map's visit, the Map's name and the name
 * of the child's execution.
 */
export type ChildPlace = readonly (readonly [path: string, map: string, child: string])[];

/** A visit to a state. Retries of its gate are part of the same visit. After a park, the gate begins a new one. */
export interface Visit {
  /** The user's state name; "" for the gate at the end of the flow, and for a failure of the run's current step. */
  readonly state: string;
  /** Enclosing states with their branch or iteration index, as in `Fan[1]/Each[17]`; "" at the top level. */
  readonly path: string;
  /** EnteredTime of the visit's gate, ISO 8601. */
  readonly entered: string;
}

export type StepType = "Task" | "Wait" | "Parallel" | "Map";
export type WaitKind = "delay" | "approval" | "form" | "callback";

export interface GateEvent extends TaskEventBase, Visit {
  readonly op: "gate";
  /** Gates before a state are `step` or `wait`; gates at the flow's end are `complete` or `fail`. */
  readonly kind: "step" | "wait" | "complete" | "fail";
  /** The state is a Distributed Map. */
  readonly distributed?: boolean;
  /** Type of the user's state; absent for `complete`, and for a `fail` that no state caused. */
  readonly type?: StepType;
  /** The execution's input, if the gate of an attached flow may have to create the run. Absent if it is long. */
  readonly payload?: Json;
  /**
   * Raw input of the user's state, or the flow's output for `complete`. Absent if its JSON text has 50,000 characters or more.
   */
  readonly input?: Json;
  /** States whose Next leads directly here, so that this input is exactly their output. */
  readonly after?: readonly string[];
  /** States that have completed if the run comes from them, but whose output was changed by states in between. */
  readonly completed?: readonly string[];
  /** Whether this step, if it is the last of its branch or iteration, completes when the Parallel or Map around it completes. */
  readonly last?: true;
  /** `wait` only. `seconds` or `timestamp` come from the state's own fields. */
  readonly waitingOn?: { readonly kind: WaitKind; readonly seconds?: number; readonly timestamp?: string };
  /** Permissions that the running user must have. */
  readonly requires?: readonly string[];
  /** The step's declared cost, for the spend meter. */
  readonly cost?: number;
  /** The flow's TimeoutSeconds, which the compiler removes from the state machine. */
  readonly timeoutSeconds?: number;
  /** For a gate inside the step: `$$.State.RetryCount`, since each attempt of the step asks again. */
  readonly retry?: number;
  /**
   * The run can continue as new from this gate. The value is the maximum number of events that the history receives before the
   * next such gate.
   */
  readonly growth?: number;
  /** `fail` only: the error with which the execution is about to fail. */
  readonly error?: string;
  readonly cause?: string;
}

export interface ParkEvent extends TaskEventBase, Visit {
  readonly op: "park";
  readonly token: string;
  /** The gate was inside the step, which has ended, so nothing of this visit is running. */
  readonly inline?: boolean;
}

/** Payload of a function with an inline gate: the gate event, and the event that the function would get without a gate. */
export interface InlineCall {
  readonly sluice: GateEvent;
  readonly event: Json;
  /** The event is exactly the state's raw input. */
  readonly raw?: boolean;
  /** As with `lambda:invoke`, an event that is a string is the JSON text of the function's event. */
  readonly text?: boolean;
}

/** The Task behind `arn:sluice:::approval` and `arn:sluice:::form`. */
export interface HumanStepEvent extends TaskEventBase, Visit {
  readonly op: "human";
  readonly kind: "approval" | "form";
  readonly token: string;
  /** The state's Parameters or Arguments, evaluated: a `HumanQuestion`, unless the user's expressions return something else. */
  readonly spec: Json;
}

/** The question of an approval or a form, with the field names of the flow's definition. */
export interface HumanQuestion {
  readonly Title: string;
  readonly Assignees?: readonly string[];
  /** JSON Schema of the answer's data. */
  readonly Form?: JsonObject;
}

/**
 * Steps of continuing as new: the old execution stores its state and variables, and the new one reads them. An attached flow has only those of
 * the new one, and calls the gate's function for them.
 */
export type ContinueEvent = TaskEventBase & { readonly op: "handOver" } & (
    | {
        /** Stores one variable; without a value, the variable is not assigned. */
        readonly part: "keep";
        readonly variable: string;
        readonly value?: Json;
      }
    /** Ends the old execution. The new one starts at the gate of `state`, with the raw input of the generated state `place`. */
    | { readonly part: "leave"; readonly state: string; readonly place: string }
    /** Reads where to start: an `Arrival`. */
    | { readonly part: "arrive" }
    | { readonly part: "variable"; readonly variable: string }
    | { readonly part: "input" }
  );

/** The place at which a new execution starts; empty for the first one of a run. */
export interface Arrival {
  readonly state?: string;
  /** Names of the stored variables. */
  readonly variables?: readonly string[];
}

export type TaskEvent = GateEvent | ParkEvent | HumanStepEvent | ContinueEvent;
