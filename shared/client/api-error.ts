import type { Problem } from "../model/api/problem.ts";
import type { ErrorCode } from "../model/errors.ts";

/**
 * Codes of calls that got no problem document: `unreachable` for no response, `unexpected_answer` for one that is not JSON,
 * `http_502` and the like for a status without a document, such as a proxy's.
 */
type TransportCode = "unreachable" | "unexpected_answer" | `http_${number}`;

/** A call that failed. Branch on `code`; `message` is for people. */
export class ApiError extends Error {
  readonly code: ErrorCode | TransportCode;
  /** The HTTP status; undefined if there was no response. */
  readonly status: number | undefined;
  /** The problem document (RFC 9457), with the fields of its code; empty if there was none. */
  readonly problem: Partial<Problem>;

  constructor(
    code: ErrorCode | TransportCode,
    message: string,
    { status, problem = {}, cause }: { status?: number; problem?: Partial<Problem>; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.problem = problem;
  }
}

/** Waits for a call and ignores refusals with one of these codes. */
export const ignoring = async (
  codes: readonly ApiError["code"][],
  act: () => Promise<unknown>,
): Promise<void> => {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof ApiError) || !codes.includes(error.code)) throw error;
  }
};

/** @param text body of an answer that is not 2xx */
export const errorIn = (status: number, text: string): ApiError => {
  const body = objectIn(text);
  if (typeof body["code"] === "string" && typeof body["detail"] === "string") {
    const problem = body as Partial<Problem> & { code: ErrorCode; detail: string };
    return new ApiError(problem.code, problem.detail, { status, problem });
  }
  if (status === 401) return new ApiError("unauthorized", "The service rejected the token.", { status });
  const message = typeof body["message"] === "string" ? `: ${body["message"]}` : ".";
  return new ApiError(`http_${status}`, `The service answered ${status}${message}`, { status });
};

const objectIn = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
