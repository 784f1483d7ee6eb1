/**
 * The statuses of runs and the transitions between them. The store's conditions, the API's errors, `allowedActions`, the OpenAPI
 * document and the tests derive from this table; no other file lists statuses.
 */
export const RUN_STATUSES = [
  "pending",
  "running",
  "paused",
  "waiting",
  "completed",
  "failed",
  "cancelled",
] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Statuses in which a run stays until a person acts. */
export const ATTENTION_STATUSES = ["paused", "failed"] as const satisfies readonly RunStatus[];

/** Transitions that a person or an API client may request. */
export const RUN_ACTIONS = ["pause", "resume", "cancel"] as const;
export type RunAction = (typeof RUN_ACTIONS)[number];

/**
 * Transitions that Sluice makes. `requeue` is the resume of a run that has not begun; `hold` and `release` pause a run at a
 * gate because its flow is held; `halt` pauses a run whose step failed for good, in a flow with `onFailure: "pause"`. The dispatch
 * creates the run, so it is not a transition.
 */
export const SYSTEM_TRANSITIONS = [
  "requeue",
  "begin",
  "wait",
  "proceed",
  "hold",
  "release",
  "halt",
  "complete",
  "fail",
] as const;
type SystemTransition = (typeof SYSTEM_TRANSITIONS)[number];
export type Transition = RunAction | SystemTransition;
export const TRANSITIONS = [...RUN_ACTIONS, ...SYSTEM_TRANSITIONS] as const satisfies readonly Transition[];

const TABLE: Readonly<Record<RunStatus, Readonly<Partial<Record<Transition, RunStatus>>>>> = {
  pending: {
    pause: "paused",
    cancel: "cancelled",
    begin: "running",
    hold: "paused",
    halt: "paused",
    complete: "completed",
    fail: "failed",
  },
  running: {
    pause: "paused",
    cancel: "cancelled",
    wait: "waiting",
    hold: "paused",
    halt: "paused",
    complete: "completed",
    fail: "failed",
  },
  paused: {
    resume: "running",
    cancel: "cancelled",
    requeue: "pending",
    release: "running",
    halt: "paused",
    complete: "completed",
    fail: "failed",
  },
  waiting: {
    cancel: "cancelled",
    proceed: "running",
    hold: "paused",
    halt: "paused",
    complete: "completed",
    fail: "failed",
  },
  completed: {},
  failed: {},
  cancelled: {},
};

/** Returns the status after the transition, or undefined if the table forbids it. */
export const nextStatus = (from: RunStatus, transition: Transition): RunStatus | undefined =>
  TABLE[from][transition];

/** Whether no transition leads out of the status. */
export const isTerminal = (status: RunStatus): boolean => Object.keys(TABLE[status]).length === 0;

/** Whether a run can be replayed: only one that has ended. */
export const isReplayable = (status: RunStatus): boolean => isTerminal(status);

/** Whether a run can be deleted: only one that does no work, because it has ended, is paused, or waits in its flow's queue. */
export const isDeletable = (run: { readonly status: RunStatus; readonly queued: boolean }): boolean =>
  isTerminal(run.status) || run.status === "paused" || run.queued;

/** Returns the statuses from which the transition is allowed, in the order of the table. */
export const statusesThatAllow = (transition: Transition): RunStatus[] =>
  RUN_STATUSES.filter((status) => nextStatus(status, transition) !== undefined);

/** Returns the actions that the table allows, regardless of the flow's hold and the caller's role. */
export const allowedActions = (status: RunStatus): RunAction[] =>
  RUN_ACTIONS.filter((action) => nextStatus(status, action) !== undefined);
