import { SluiceError } from "../../shared/model/errors.ts";

/** AWS refusals that pass by themselves, by error name. */
const THROTTLED = new Set([
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "TooManyRequestsException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "LimitExceededException",
]);
const TRANSIENT = new Set([
  "TimeoutError",
  "RequestTimeout",
  "RequestTimeoutException",
  "AbortError",
  "TransactionConflictException",
  "TransactionInProgressException",
  "InternalServerError",
  "ServiceUnavailable",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
]);

const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;

const cancelledByConflict = (error: unknown): boolean => {
  const reasons = field(error, "CancellationReasons");
  return (
    Array.isArray(reasons) &&
    reasons.some((reason) =>
      ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"].includes(
        String(field(reason, "Code")),
      ),
    )
  );
};

/** Any failure as a refusal that the client may see: nothing of an unexpected error but that it happened. */
export const refusalOf = (error: unknown): SluiceError => {
  if (error instanceof SluiceError) return error;
  const names = [String(field(error, "name")), String(field(error, "code"))];
  if (names.some((name) => THROTTLED.has(name))) {
    return new SluiceError(
      "too_many_requests",
      "Too many requests at the moment; try again shortly",
      {},
      error,
    );
  }
  const status = field(field(error, "$metadata"), "httpStatusCode");
  const ofService = typeof status === "number" && status >= 500;
  if (ofService || names.some((name) => TRANSIENT.has(name)) || cancelledByConflict(error)) {
    return new SluiceError("service_unavailable", "A service did not answer; try again shortly", {}, error);
  }
  return new SluiceError(
    "internal_error",
    "Something went wrong; the request id finds it in the logs",
    {},
    error,
  );
};
