import { ApiError } from "../../shared/client/api-error.ts";
import { EXIT, type ExitCode, failureFrom } from "../failure.ts";
import type { FlowFile } from "./flow-files.ts";

export interface FlowError {
  readonly message: string;
  /** The path in the definition; empty for the whole definition. */
  readonly path: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** What a pipeline's command found or did for one flow. */
export interface FlowResult {
  readonly flowId: string;
  readonly file: string;
  readonly warnings: readonly string[];
  readonly errors: readonly FlowError[];
  /** What publishing adds, if the service was asked. */
  readonly change?: "flow" | "version" | "activation" | "none";
  readonly version?: number;
  /** Whether new runs start on this version. */
  readonly active?: boolean;
  readonly exitCode: ExitCode;
}

/** Refusals of a definition or of a flow; the other flows may be fine. */
const OF_ONE_FLOW: readonly ExitCode[] = [EXIT.invalid, EXIT.conflict];

/** Converts a refusal of one flow. Throws other errors, which concern all flows: no permission, no service. */
export const refusedResult = ({ flowId, file }: FlowFile, error: unknown): FlowResult => {
  const { exitCode } = failureFrom(error);
  if (!(error instanceof ApiError) || !OF_ONE_FLOW.includes(exitCode)) throw error;
  const { code, problem, message } = error;
  const errors = code === "invalid_definition" ? (problem.errors ?? []) : [];
  return {
    ...{ flowId, file, warnings: [], exitCode },
    errors: errors.length > 0 ? errors : [{ path: "", message: `${code}: ${message}` }],
  };
};

/** `file:line:column: path: message` */
export const errorLine = (file: string, { path, message, line, column }: FlowError): string =>
  [line === undefined ? file : `${file}:${line}:${column}`, ...(path === "" ? [] : [path]), message].join(
    ": ",
  );

/** Returns the exit code of a command: that of the first flow that failed. */
export const exitCodeOf = (results: readonly FlowResult[]): ExitCode =>
  results.find(({ exitCode }) => exitCode !== EXIT.ok)?.exitCode ?? EXIT.ok;
