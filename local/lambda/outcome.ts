/** The outcome of an invocation; the payload is JSON text in both cases. */
export type Outcome =
  | { readonly ok: true; readonly payload: string }
  | { readonly ok: false; readonly errorType: string; readonly payload: string };

/** Lambda's limit for a response, in bytes (Lambda quotas: 6 MB, plus the envelope). */
const MAX_ANSWER = 6_291_556;

/** A function error as the Lambda service reports it. */
export function failure(errorType: string, errorMessage: string, trace: readonly string[] = []): Outcome {
  return { ok: false, errorType, payload: JSON.stringify({ errorType, errorMessage, trace }) };
}

/** The error that Lambda's Node.js runtime reports for a thrown value. */
export function thrown(error: unknown): Outcome {
  if (error instanceof Error || isErrorLike(error)) {
    return failure(error.name, error.message, (error.stack ?? "").split("\n"));
  }
  return failure(typeof error, String(error));
}

/** The response of Lambda's Node.js runtime for a handler's result. */
export function returned(result: unknown): Outcome {
  let payload: string | undefined;
  try {
    payload = JSON.stringify(result === undefined ? null : result);
  } catch {
    return failure("Error", "Unable to stringify response body");
  }
  payload ??= "null";
  return Buffer.byteLength(payload) > MAX_ANSWER
    ? failure(
        "Function.ResponseSizeTooLarge",
        `Response payload size exceeded maximum allowed payload size (${MAX_ANSWER} bytes).`,
      )
    : { ok: true, payload };
}

export const timedOut = (requestId: string, milliseconds: number): Outcome =>
  failure(
    "Sandbox.Timedout",
    `RequestId: ${requestId} Error: Task timed out after ${(milliseconds / 1_000).toFixed(2)} seconds`,
  );

export const exited = (requestId: string, status: number): Outcome =>
  failure(
    "Runtime.ExitError",
    status === 0
      ? `RequestId: ${requestId} Error: Runtime exited without providing a reason`
      : `RequestId: ${requestId} Error: Runtime exited with error: exit status ${status}`,
  );

/** Recognizes errors of another realm and error-like objects of libraries. */
function isErrorLike(value: unknown): value is { name: string; message: string; stack?: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "message" in value &&
    typeof value.message === "string"
  );
}
