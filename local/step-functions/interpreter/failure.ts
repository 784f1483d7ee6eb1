import { StatesError } from "../language/values/types.ts";
import type { Failure } from "../model/frame.ts";
import { withRecovery } from "../model/maybe-promise.ts";
import type { Visit } from "./visit.ts";

/** A failure of a state's evaluation, before Retry and Catch are applied. */
export class Failed extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.cause ?? failure.error ?? "failed");
    this.name = "Failed";
    this.failure = failure;
  }
}

/** The service's wording for an error during a state's evaluation. */
const within = (visit: Visit, cause: string): string =>
  cause.startsWith("An error occurred while executing the state")
    ? cause
    : `An error occurred while executing the state '${visit.frame.state}' (entered at the event id #${visit.frame.enteredEvent}). ${cause}`;

export const runtimeFailure = (
  visit: Visit,
  cause: string,
  error = "States.Runtime",
  location?: string,
): Failed =>
  new Failed({
    error,
    cause: within(visit, cause),
    evaluation: true,
    ...(location === undefined ? {} : { location }),
  });

/** Evaluates one field; errors get the service's wording. */
export function evaluating<T>(visit: Visit, field: string, body: () => T): T {
  return withRecovery(body, (error) => {
    if (!(error instanceof StatesError)) throw error;
    throw runtimeFailure(visit, error.cause_ ?? "", error.error, error.location ?? field);
  });
}

export const dataLimit = (what: string): Failure => ({
  error: "States.DataLimitExceeded",
  cause: `The state/task '${what}' returned a result with a size exceeding the maximum number of bytes service limit.`,
});
