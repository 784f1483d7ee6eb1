/**
 * Every error of the API: its stable code, HTTP status and title. Callers branch on `code`; `detail` is for people
 * and says what to do.
 */
export const ERROR_CODES = {
  state_changed: { status: 409, title: "State changed" },
  run_already_terminal: { status: 409, title: "Run is already over" },
  action_not_allowed: { status: 409, title: "Action not allowed" },
  flow_held: { status: 409, title: "Flow is held" },
  spend_hold: { status: 409, title: "Flow is held by its spend cap" },
  incident_hold: { status: 409, title: "Flow is held by an incident" },
  flow_has_open_runs: { status: 409, title: "Flow has open runs" },
  attach_refused: { status: 409, title: "State machine cannot be attached" },
  grants_missing: { status: 409, title: "Permissions of the state machine are missing" },
  flow_is_attached: { status: 409, title: "Flow is attached" },
  flow_drifted: { status: 409, title: "State machine was changed" },
  running_user_lost_access: { status: 409, title: "Running user lost access" },
  step_already_completed: { status: 409, title: "Step already completed" },
  step_in_progress: { status: 409, title: "Step in progress" },
  execution_awaited: { status: 409, title: "Execution is awaited" },
  resume_not_possible: { status: 422, title: "Resume not possible" },
  invalid_definition: { status: 422, title: "Invalid definition" },
  invalid_request: { status: 422, title: "Invalid request" },
  idempotency_key_reused: { status: 422, title: "Idempotency key reused" },
  replay_not_possible: { status: 422, title: "Replay not possible" },
  payload_too_large: { status: 413, title: "Payload too large" },
  not_found: { status: 404, title: "Not found" },
  unauthorized: { status: 401, title: "Unauthorized" },
  forbidden: { status: 403, title: "Forbidden" },
  too_many_requests: { status: 429, title: "Too many requests" },
  internal_error: { status: 500, title: "Internal error" },
  service_unavailable: { status: 503, title: "Service unavailable" },
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * The meaning of each code, and what a caller can do about it. docs/reference/errors.md is generated from here; the
 * functions' bundles leave it out.
 */
export const ERROR_HELP: Readonly<Record<ErrorCode, { readonly meaning: string; readonly remedy: string }>> =
  {
    state_changed: {
      meaning:
        "The run or flow changed after you read it, so its revision no longer matches your `If-Match`, or another change was written at the same moment. `currentStatus` and `rev` show its current state.",
      remedy: "Read it again, decide again, and send the new `rev`.",
    },
    run_already_terminal: {
      meaning: "The run is completed, failed or cancelled, so no action can change it.",
      remedy: "To repeat its work, replay the run.",
    },
    action_not_allowed: {
      meaning:
        "The current status does not allow the action. `currentStatus` and, for a run, `allowedActions` show what is possible.",
      remedy: "Choose one of `allowedActions`, or wait for the status to change.",
    },
    flow_held: {
      meaning:
        "The flow is paused. It rejects new records (pause mode `reject`), or its hold is all that keeps the run paused.",
      remedy: "Resume the flow. To accept records during a pause, pause it with mode `queue`.",
    },
    spend_hold: {
      meaning:
        "The flow reached its spend cap, and Resume does not lift that hold. `cap`, `used` and `liftsAt` show the figures.",
      remedy: "Raise the cap above `used`, remove it, or wait until `liftsAt`.",
    },
    incident_hold: {
      meaning:
        "Only an incident holds the flow, and Resume does not lift its hold unless you name it. `incidentId` is the incident.",
      remedy:
        'Resolve the incident, which resumes all its flows. To take this flow alone out of it, resume with `holds: ["incident"]`.',
    },
    flow_has_open_runs: {
      meaning:
        "The flow still has open runs, so it cannot be deleted or detached. `counts` shows how many there are in each status. Failed runs prevent only a deletion.",
      remedy:
        "Cancel or delete these runs, for example with a bulk operation that uses the `filter` of the response, then try again.",
    },
    attach_refused: {
      meaning:
        "The state machine cannot be attached: this workspace may not attach it, it belongs to another flow, or its definition contains something that cannot have gates. `report.unsupported` lists these places.",
      remedy: "Change what `detail` names, then attach again. A dry run returns the whole report.",
    },
    grants_missing: {
      meaning:
        "The state machine's role may not call this workspace's gates, or Sluice may not use the KMS key of the definition. `report.missingGrants` lists each action with its resource. Nothing was written.",
      remedy: "Grant the actions to the role that `detail` names, then attach again.",
    },
    flow_is_attached: {
      meaning:
        "The flow is attached to a state machine of your own, which Sluice neither replaces nor deletes.",
      remedy:
        "Change the state machine where you deploy it, and attach it again. To publish to the flow or to delete it, detach it first.",
    },
    flow_drifted: {
      meaning:
        "The state machine's definition was replaced after it was attached. Its executions pass no gates, so a pause would not hold them.",
      remedy: "Attach the state machine again, or detach the flow.",
    },
    running_user_lost_access: {
      meaning:
        "The user who started the run lacks permissions that steps ahead require. `steps` names each state and the missing permissions.",
      remedy:
        "Grant the permissions and resume again, turn on the setting `resumeWithSameAccess`, or let an administrator resume with `override`.",
    },
    step_already_completed: {
      meaning:
        "The step is not waiting for an answer: someone answered it, its time ran out, or its run ended.",
      remedy: "Read the step to see how it ended. Do not send the answer again.",
    },
    step_in_progress: {
      meaning:
        "The run has not stopped yet: a step is still in progress, or the execution that failed has not ended.",
      remedy: "Wait until the run has `parkedAt`, then try again.",
    },
    execution_awaited: {
      meaning:
        "Somebody else started the run's execution and may be waiting for it. To continue at another place, the run would have to leave that execution.",
      remedy:
        "Resume the run where it stopped, without `at`, `input`, `variables`, `version` and `output`. Or send `detach`: whoever is waiting for the execution then sees it aborted.",
    },
    resume_not_possible: {
      meaning: "The run cannot continue in this way. `detail` gives the reason.",
      remedy: "Change what `detail` names. To repeat the run's work from its start, cancel it and replay it.",
    },
    invalid_definition: {
      meaning:
        "The flow's definition would not deploy, or it uses a resource that flows may not use. `errors` lists each problem with the path of its state and field, and with its `line` and `column` if the definition was sent as text. `unfilled` names the placeholders `${Name}` that have no value.",
      remedy:
        "Correct the named fields, give the placeholders a value in `substitutions`, and publish again.",
    },
    invalid_request: {
      meaning:
        "A path parameter, query parameter, header or body field is missing or invalid. `errors` names each one.",
      remedy: "Correct the request. The same request fails every time.",
    },
    idempotency_key_reused: {
      meaning:
        "This `Idempotency-Key` was already used with a different request body, or its run was deleted less than 24 hours ago.",
      remedy: "Send a new key for new work. To repeat a request, send exactly the same body.",
    },
    replay_not_possible: {
      meaning:
        "A replay from this state would not repeat what the run did. `detail` gives the reason, for example a variable that was assigned earlier.",
      remedy: "Replay from the start or from another state.",
    },
    payload_too_large: {
      meaning: "The payload exceeds 256 KiB as UTF-8 JSON, or the request body exceeds 5 MiB.",
      remedy: "Store the data elsewhere, for example in S3, and send a reference to it; split a batch.",
    },
    not_found: {
      meaning:
        "The resource does not exist, or it belongs to a workspace that you are not a member of, or to another member whose runs you may not see.",
      remedy: "Check the id, the workspace and the profile that you are signed in with.",
    },
    unauthorized: {
      meaning:
        'The token is missing, expired or not accepted. On AWS, API Gateway returns this response itself, with the body `{"message":"Unauthorized"}`.',
      remedy: "Sign in again or get a new token.",
    },
    forbidden: {
      meaning: "You belong to the workspace, but your role or the token's scopes do not allow the call.",
      remedy: "Ask an administrator of the workspace for the role, or request a token with the scope.",
    },
    too_many_requests: {
      meaning:
        "A service behind the API throttled the call, or too many callers changed the same resource at the same time.",
      remedy:
        "Repeat the request after the time in `Retry-After`, with the same `Idempotency-Key`. Send fewer requests at the same time.",
    },
    internal_error: {
      meaning: "An unexpected error occurred. The request may have taken effect.",
      remedy:
        "Read the current state before you repeat the request. Give the operator the `requestId`: it identifies the error in the logs.",
    },
    service_unavailable: {
      meaning: "A service that Sluice needs did not answer in time. The request may have taken effect.",
      remedy:
        "Repeat the request after the time in `Retry-After`, with the same `Idempotency-Key` or `If-Match`.",
    },
  };

/** The result of attaching a state machine, or of a dry run. */
export interface AttachReport {
  /** The places of the definition that cannot have gates. */
  readonly unsupported: readonly { readonly path: string; readonly message: string }[];
  readonly warnings: readonly string[];
  readonly missingGrants: readonly { readonly action: string; readonly resource: string }[];
  /** State transitions of one run, which Step Functions bills. */
  readonly transitionsPerRun: { readonly before: number; readonly after: number };
  /** ARNs of the machine's versions, whose definitions never change. */
  readonly versions: readonly string[];
  /** Names of the machine's aliases, which point to versions. */
  readonly aliases: readonly string[];
}

type NoFields = Readonly<Record<string, never>>;
type FieldErrors = {
  readonly errors: readonly { readonly path: string; readonly message: string }[];
};
type DefinitionErrors = {
  readonly errors: readonly {
    readonly path: string;
    readonly message: string;
    /**
     * The position of the error in the definition's text. Lines and columns count from 1. Absent for a definition given as an
     * object.
     */
    readonly line?: number;
    readonly column?: number;
  }[];
  /** Names of placeholders that have no value. */
  readonly unfilled?: readonly string[];
};

interface OwnFields {
  /** A view and a run of a bulk operation have neither. */
  readonly state_changed: { readonly currentStatus?: string; readonly rev?: number };
  readonly run_already_terminal: { readonly currentStatus: string; readonly rev: number };
  /** Absent if a quota or a rule refuses the action, and not the status. */
  readonly action_not_allowed:
    | { readonly currentStatus: string; readonly allowedActions: readonly string[] }
    | NoFields;
  readonly flow_held: { readonly currentStatus: string };
  readonly spend_hold: {
    readonly cap: number | undefined;
    readonly used: number;
    readonly liftsAt: string | undefined;
  };
  readonly incident_hold: { readonly currentStatus: string; readonly incidentId?: string };
  readonly flow_has_open_runs: {
    readonly counts: Readonly<Record<string, number>>;
    readonly filter: { readonly flowId: string; readonly status: readonly string[] };
  };
  /** Absent if the machine may not be attached, whatever its definition. */
  readonly attach_refused: { readonly report: AttachReport } | NoFields;
  readonly grants_missing: { readonly report: AttachReport };
  readonly running_user_lost_access: {
    readonly steps: readonly { readonly state: string; readonly missing: readonly string[] }[];
  };
  readonly invalid_definition: DefinitionErrors;
  readonly invalid_request: FieldErrors;
}
/** The fields of each code, in addition to those of every problem. */
export type ErrorFields = OwnFields & Readonly<Record<Exclude<ErrorCode, keyof OwnFields>, NoFields>>;

type FieldsAndCause<Code extends ErrorCode> = NoFields extends ErrorFields[Code]
  ? [fields?: ErrorFields[Code], cause?: unknown]
  : [fields: ErrorFields[Code], cause?: unknown];

/** An error that the API returns. `fields` are those of its code. */
export class SluiceError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: ErrorCode;
  readonly fields: Readonly<Record<string, unknown>>;
  constructor(
    code: Code,
    detail: string,
    ...[fields = {} as ErrorFields[Code], cause]: FieldsAndCause<Code>
  ) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = "SluiceError";
    this.code = code;
    this.fields = fields;
  }
}

/** Returns the refusal of a request because of one field. */
export const invalidField = (path: string, message: string): SluiceError =>
  new SluiceError("invalid_request", message, { errors: [{ path, message }] });
