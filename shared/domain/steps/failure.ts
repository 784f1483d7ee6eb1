import { parseCause } from "../../model/cause.ts";
import { cutText } from "../../model/json/text.ts";
import { MAX_ERROR_NAME } from "../../model/limits.ts";
import type { OutputItem } from "../../store/runs/run-contents.ts";

/** Maximum length of the cause in the run item, in characters. The run's output item contains the full cause. */
export const SHORT_CAUSE = 300;

export interface Failure {
  readonly error: string;
  readonly cause: string;
  /** "" if no state caused it. */
  readonly state: string;
  readonly stepId?: string;
  /** What people read, shortened. Only where the shortened cause does not show it. */
  readonly message?: string;
}

/** Whether the run item may have only the beginning of the cause. */
export const isCut = ({ cause }: Pick<Failure, "cause">): boolean => cause.length >= SHORT_CAUSE - 1;

/** Returns the full cause of a run's error from the output item, unless that belongs to a concurrent end that lost. */
export const wholeCause = (error: Pick<Failure, "cause">, stored: OutputItem | undefined): string =>
  isCut(error) && stored?.cause?.startsWith(error.cause) ? stored.cause : error.cause;

/** Whether the shortened cause shows the whole message. */
export const hasWholeMessage = ({ cause, message }: Pick<Failure, "cause" | "message">): boolean => {
  const shown = parseCause(cause).message;
  return message === undefined && shown !== cause && !shown.endsWith("…");
};

/**
 * Returns an error in the form that the run item stores. The cause is parsed before it is cut. Most causes begin with their message; only
 * if the rest shows none is it stored too, because the item stays small.
 */
export const shortError = ({ message: known, ...failure }: Failure): Failure => {
  const cause = cutText(failure.cause, SHORT_CAUSE);
  const message = known ?? cutText(parseCause(failure.cause).message, SHORT_CAUSE);
  const isHidden = parseCause(cause).message === cause && message !== cause;
  return {
    ...failure,
    error: cutText(failure.error, MAX_ERROR_NAME),
    cause,
    ...(isHidden ? { message } : {}),
  };
};

export interface StoredError {
  readonly cause: string;
  readonly message?: string | undefined;
}

/** What the API shows of an error: its cause, and what people read of it if that is something else. `frames`: whether the stack trace is wanted too. */
export const readableError = (
  { cause, message }: StoredError,
  { frames = false }: { readonly frames?: boolean } = {},
): { readonly cause: string; readonly message?: string; readonly frames?: string[] } => {
  const parsed = parseCause(cause);
  const read = message ?? parsed.message;
  return {
    cause,
    ...(read === cause ? {} : { message: read }),
    ...(frames && parsed.frames.length > 0 ? { frames: [...parsed.frames] } : {}),
  };
};
