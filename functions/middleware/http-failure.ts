import { isThrottled, isTransient } from "../../shared/aws/aws-errors.ts";
import { SluiceError } from "../../shared/model/errors.ts";

/** Any failure as a refusal that the client may see: nothing of an unexpected error but that it happened. */
export const refusalOf = (error: unknown): SluiceError => {
  if (error instanceof SluiceError) return error;
  if (isThrottled(error)) {
    return new SluiceError(
      "too_many_requests",
      "Too many requests at the moment; try again shortly",
      {},
      error,
    );
  }
  if (isTransient(error)) {
    return new SluiceError("service_unavailable", "A service did not answer; try again shortly", {}, error);
  }
  return new SluiceError(
    "internal_error",
    "Something went wrong; the request id finds it in the logs",
    {},
    error,
  );
};
