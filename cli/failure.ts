import { ApiError } from "../shared/client/api-error.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";

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
