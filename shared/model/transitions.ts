/**
 * The one table of run statuses. The store's conditions, the API's refusals, `allowedActions`, the OpenAPI document
 * and the tests derive from it; no other file lists statuses.
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

/** Where a run stands until somebody looks at it. */
export const ATTENTION_STATUSES = ["paused", "failed"] as const satisfies readonly RunStatus[];

/** What a person or an API client may ask of a run. */
export const RUN_ACTIONS = ["pause", "resume", "cancel"] as const;
export type RunAction = (typeof RUN_ACTIONS)[number];

/**
 * What the system does to a run: `requeue` is the resume of a run that never began; `hold` and `release` are the flow's hold at a gate.
 * `dispatch` makes the run and has no status before it.
 */
export const SYSTEM_TRANSITIONS = [
  "requeue",
  "begin",
  "wait",
  "proceed",
  "hold",
  "release",
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
    complete: "completed",
    fail: "failed",
  },
  running: {
    pause: "paused",
    cancel: "cancelled",
    wait: "waiting",
    hold: "paused",
    complete: "completed",
    fail: "failed",
  },
  paused: {
    resume: "running",
    cancel: "cancelled",
    requeue: "pending",
    release: "running",
    complete: "completed",
    fail: "failed",
  },
  waiting: {
    cancel: "cancelled",
    proceed: "running",
    hold: "paused",
    complete: "completed",
    fail: "failed",
  },
  completed: {},
  failed: {},
  cancelled: {},
};

/** The status after `transition`, or undefined where the table refuses it. */
export const nextStatus = (from: RunStatus, transition: Transition): RunStatus | undefined =>
  TABLE[from][transition];

/** Terminal statuses have no way out. */
export const isTerminal = (status: RunStatus): boolean => Object.keys(TABLE[status]).length === 0;

/** Only a run that has ended can be replayed. */
export const isReplayable = (status: RunStatus): boolean => isTerminal(status);

/** Only a run that does no work can be deleted: one that has ended, is paused, or waits in its flow's queue. */
export const isDeletable = (run: { readonly status: RunStatus; readonly queued: boolean }): boolean =>
  isTerminal(run.status) || run.status === "paused" || run.queued;

/** The statuses from which `transition` is legal, in the table's order. */
export const statusesThatAllow = (transition: Transition): RunStatus[] =>
  RUN_STATUSES.filter((status) => nextStatus(status, transition) !== undefined);

/** The actions that the table allows, the flow's hold and the caller's role aside. */
export const allowedActions = (status: RunStatus): RunAction[] =>
  RUN_ACTIONS.filter((action) => nextStatus(status, action) !== undefined);
