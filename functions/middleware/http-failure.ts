import { SluiceError } from "../../shared/model/errors.ts";
import { isThrottling } from "../telemetry/throttles.ts";

/** AWS refusals that pass by themselves, by error name; beside throttling. */
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

/** AWS refusals that come again however often they are tried: a mistake of Sluice's or of its deployment. */
const OUR_FAULT = new Set([
  "ValidationException",
  "SerializationException",
  "AccessDeniedException",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "ResourceNotFoundException",
  "InvalidArn",
  "InvalidName",
  "ConditionalCheckFailedException",
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
  if (isThrottling(error)) {
    return new SluiceError(
      "too_many_requests",
      "Too many requests at the moment; try again shortly",
      {},
      error,
    );
  }
  const ofService = field(error, "$fault") !== undefined && !names.some((name) => OUR_FAULT.has(name));
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
