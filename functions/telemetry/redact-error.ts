import { hasMessageWithoutData, requestIdOf } from "../../shared/aws/aws-errors.ts";
import { cutText } from "../../shared/model/json/text.ts";

/** The part of an error that goes into the log. */
interface LoggedError {
  readonly name: string;
  /** Present only if the message cannot contain data. */
  readonly message?: string;
  readonly stack?: string;
  /** The request id of the AWS service, for AWS Support. */
  readonly requestId?: string;
  readonly cause?: LoggedError;
}

const MAX_MESSAGE = 500;
const MAX_DEPTH = 3;

/**
 * Errors whose message comes from Sluice or from the language. Other messages may contain data, as those of JSON.parse and of
 * schemas do.
 */
const PLAIN = new Set([
  ...["Error", "TypeError", "RangeError", "ReferenceError"],
  ...["TimeoutError", "AbortError", "TimeBudgetExceeded"],
]);

/**
 * Returns an error's name, its stack, and its message if that cannot contain data. Everything else is omitted: the error of a
 * failed condition includes the old item, and with it the output of a user's step.
 */
export const redactError = (error: Error, depth = 1): LoggedError => {
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  const { cause } = error;
  const requestId = requestIdOf(error);
  return {
    name: error.name,
    ...(isPlain(error) ? { message: cutText(error.message, MAX_MESSAGE) } : {}),
    ...(frames === undefined || frames.length === 0 ? {} : { stack: frames.join("\n") }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(cause instanceof Error && depth < MAX_DEPTH ? { cause: redactError(cause, depth + 1) } : {}),
  };
};

const isPlain = (error: Error): boolean =>
  PLAIN.has(error.name) || error.name.startsWith("Sluice.") || hasMessageWithoutData(error);
