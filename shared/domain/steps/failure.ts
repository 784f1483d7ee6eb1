import { MAX_ERROR_NAME } from "../../model/limits.ts";
import type { OutputItem } from "../../store/runs/run-contents.ts";
import type { RunItem } from "../../store/runs/run-item.ts";

/** Longest cause in the run item, in characters; the whole of it stands beside the run. */
export const SHORT_CAUSE = 300;

export interface Failure {
  readonly error: string;
  readonly cause: string;
  /** "" where no state is to blame. */
  readonly state: string;
  readonly stepId?: string;
}

/** The whole cause of a run's error, from what stands beside it: that may be of another end, which came second. */
export const wholeCause = (error: NonNullable<RunItem["error"]>, beside: OutputItem | undefined): string =>
  error.cause.length === SHORT_CAUSE && beside?.cause?.startsWith(error.cause) ? beside.cause : error.cause;

/** The run's error as its item holds it. */
export const shortError = (failure: Failure): Failure => ({
  ...failure,
  error: failure.error.slice(0, MAX_ERROR_NAME),
  cause: failure.cause.slice(0, SHORT_CAUSE),
});
