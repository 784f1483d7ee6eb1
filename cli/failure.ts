import { ApiError } from "../shared/client/api-error.ts";

/** Exit codes with their meaning, for scripts. The help text and the documentation are generated from this table. */
export const EXIT_CODES = {
  ok: [0, "success"],
  unexpected: [1, "unexpected error, including an internal error of the service"],
  invalid: [2, "invalid usage, or a request that the service rejected as invalid (400, 413, 422)"],
  notSignedIn: [3, "not signed in, or the service (401) or AWS rejected the credentials"],
  forbidden: [4, "signed in, but without the required permission (403)"],
  notFound: [5, "not found in this workspace (404), or no such deployment in the AWS account"],
  conflict: [6, "refused in the current state (409); the code and detail are shown"],
  endedBadly: [
    7,
    "the followed run failed or was cancelled, the flow was paused again, the bulk operation was stopped or failed for some runs, or the doctor found a problem",
  ],
  unavailable: [8, "the service is unreachable, unavailable or throttling, after retries (429, 503)"],
  interrupted: [
    130,
    "interrupted by Ctrl-C, or a confirmation answered with no; work on the service continues",
  ],
} as const;
type Ending = keyof typeof EXIT_CODES;
export type ExitCode = (typeof EXIT_CODES)[Ending][0];

export const EXIT = Object.fromEntries(Object.entries(EXIT_CODES).map(([name, [code]]) => [name, code])) as {
  readonly [Name in Ending]: (typeof EXIT_CODES)[Name][0];
};

const BY_STATUS: Readonly<Record<number, ExitCode>> = {
  400: EXIT.invalid,
  401: EXIT.notSignedIn,
  403: EXIT.forbidden,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
  413: EXIT.invalid,
  422: EXIT.invalid,
  429: EXIT.unavailable,
  502: EXIT.unavailable,
  503: EXIT.unavailable,
  504: EXIT.unavailable,
};

/** @param status of an HTTP error */
const exitCodeOf = (status: number): ExitCode => BY_STATUS[status] ?? EXIT.unexpected;

/** The document that `--json` prints for a failure: the service's problem document, or one of the same shape. */
export type FailureDocument = Readonly<Record<string, unknown>> & {
  readonly code: string;
  readonly detail: string;
};

/** Ends a command with a message for people, a document for programs and an exit code. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;
  readonly document: FailureDocument;
  constructor(exitCode: ExitCode, document: FailureDocument, cause?: unknown) {
    super(document.detail, cause === undefined ? undefined : { cause });
    this.name = "CliFailure";
    this.exitCode = exitCode;
    this.document = document;
  }
}

export const usage = (detail: string): CliFailure =>
  new CliFailure(EXIT.invalid, { code: "invalid_usage", detail });
export const notSignedIn = (detail: string): CliFailure =>
  new CliFailure(EXIT.notSignedIn, { code: "not_signed_in", detail });

const ofCall = (error: ApiError): CliFailure => {
  const { status, code, message, problem } = error;
  if (status === undefined)
    return new CliFailure(
      code === "unreachable" ? EXIT.unavailable : EXIT.invalid,
      { code, detail: message },
      error,
    );
  const detail = status === 401 ? `${message} Sign in again: sluice login` : message;
  return new CliFailure(exitCodeOf(status), { ...problem, code, detail, status }, error);
};

/** Converts an error of any kind into the failure that ends the command. */
export const failureFrom = (error: unknown): CliFailure => {
  if (error instanceof CliFailure) return error;
  if (error instanceof ApiError) return ofCall(error);
  const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new CliFailure(EXIT.unexpected, { code: "unexpected", detail }, error);
};
