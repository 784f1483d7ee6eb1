import { cutText } from "../../model/json/text.ts";
import { MAX_ERROR_NAME } from "../../model/limits.ts";
import type { OutputItem } from "../../store/runs/run-contents.ts";
import type { RunItem } from "../../store/runs/run-item.ts";

/** Maximum length of the cause in the run item, in characters. The run's output item contains the full cause. */
export const SHORT_CAUSE = 300;

export interface Failure {
  readonly error: string;
  readonly cause: string;
  /** "" if no state caused it. */
  readonly state: string;
  readonly stepId?: string;
}

/** Whether the run item may have only the beginning of the cause. */
export const isCut = ({ cause }: Pick<Failure, "cause">): boolean => cause.length >= SHORT_CAUSE - 1;

/** Returns the full cause of a run's error from the output item, unless that belongs to a concurrent end that lost. */
export const wholeCause = (error: NonNullable<RunItem["error"]>, stored: OutputItem | undefined): string =>
  isCut(error) && stored?.cause?.startsWith(error.cause) ? stored.cause : error.cause;

/** Returns an error in the form that the run item stores. */
export const shortError = (failure: Failure): Failure => ({
  ...failure,
  error: cutText(failure.error, MAX_ERROR_NAME),
  cause: cutText(failure.cause, SHORT_CAUSE),
});
