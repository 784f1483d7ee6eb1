import { isThrottled, isTransient } from "../../shared/aws/aws-errors.ts";
import { SluiceError } from "../../shared/model/errors.ts";

/** Converts any error into a refusal that the client may see. An unexpected error reveals nothing except that it happened. */
export const refusalOf = (error: unknown): SluiceError => {
  if (error instanceof SluiceError) return error;
  if (isThrottled(error)) {
    return new SluiceError("too_many_requests", "Too many requests. Try again in a few seconds.", {}, error);
  }
  if (isTransient(error)) {
    return new SluiceError(
      "service_unavailable",
      "A service did not respond. Try again in a few seconds.",
      {},
      error,
    );
  }
  return new SluiceError(
    "internal_error",
    "An unexpected error occurred. Find its cause in the logs by the request id.",
    {},
    error,
  );
};
