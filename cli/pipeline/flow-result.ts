import { ApiError } from "../../shared/client/api-error.ts";
import type { FieldError } from "../../shared/model/api/problem.ts";
import { EXIT, type ExitCode, failureFrom } from "../failure.ts";
import type { FlowFile } from "./flow-files.ts";

/** The result of `flows check` or `flows deploy` for one flow. */
export interface FlowResult {
  readonly flowId: string;
  readonly file: string;
  readonly warnings: readonly string[];
  /** An empty path means the whole definition. */
  readonly errors: readonly FieldError[];
  /** The change that publishing makes; absent if the service was not asked. */
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

/** Returns the exit code of a command: that of the first flow that failed. */
export const exitCodeOf = (results: readonly FlowResult[]): ExitCode =>
  results.find(({ exitCode }) => exitCode !== EXIT.ok)?.exitCode ?? EXIT.ok;
