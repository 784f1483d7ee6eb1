/**
 * Every refusal that the API can give: stable code, HTTP status, title. Callers branch on `code`;
 * `detail` is for people and says what to do.
 */
export const ERROR_CODES = {
  state_changed: { status: 409, title: "State changed" },
  run_already_terminal: { status: 409, title: "Run is already over" },
  action_not_allowed: { status: 409, title: "Action not allowed" },
  flow_held: { status: 409, title: "Flow is held" },
  spend_hold: { status: 409, title: "Flow is held by its spend cap" },
  flow_has_open_runs: { status: 409, title: "Flow has open runs" },
  running_user_lost_access: { status: 409, title: "Running user lost access" },
  step_already_completed: { status: 409, title: "Step already completed" },
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

/** A refusal on its way to the client; `extra` holds the code's own fields (`currentStatus`, `allowedActions`, `errors`, …). */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly extra: Readonly<Record<string, unknown>>;
  constructor(
    code: ErrorCode,
    detail: string,
    extra: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ) {
    super(detail, cause === undefined ? undefined : { cause });
    this.name = "SluiceError";
    this.code = code;
    this.extra = extra;
  }
}
