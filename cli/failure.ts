import type { Problem } from "../shared/model/api/problem.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";

/** What `--json` prints for a failure: the service's problem document, or one of the same shape from here. */
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

/** The service said no, by a problem document. */
export class Refusal extends CliFailure {
  readonly problem: Partial<Problem>;
  constructor(status: number, problem: FailureDocument) {
    super(exitCodeOf(status), { ...problem, status });
    this.name = "Refusal";
    this.problem = problem as Partial<Problem>;
  }
}

export const usage = (detail: string): CliFailure =>
  new CliFailure(EXIT.invalid, { code: "invalid_usage", detail });
export const notSignedIn = (detail: string): CliFailure =>
  new CliFailure(EXIT.notSignedIn, { code: "not_signed_in", detail });
