import { hasMessageWithoutData, requestIdOf } from "../../shared/aws/aws-errors.ts";

/** What a line of the log tells of an error. */
interface ToldError {
  readonly name: string;
  /** Only of errors whose messages quote nothing that they were given. */
  readonly message?: string;
  readonly stack?: string;
  /** The AWS service's own request id, for its support. */
  readonly requestId?: string;
  readonly cause?: ToldError;
}

const MAX_MESSAGE = 500;
const DEEPEST = 3;

/** Errors whose message Sluice or the language writes. Others may quote what they were given: JSON.parse does, and schemas do. */
const PLAIN = new Set([
  ...["Error", "TypeError", "RangeError", "ReferenceError"],
  ...["TimeoutError", "AbortError", "TimeBudgetExceeded"],
]);

/**
 * Name and place of an error, its message where that quotes nothing, and nothing else of it: a refused condition carries the item as
 * it was, and with it what a user's step said.
 */
export const toldError = (error: Error, depth = 1): ToldError => {
  const frames = error.stack?.split("\n").filter((line) => /^\s+at /.test(line));
  const { cause } = error;
  const requestId = requestIdOf(error);
  return {
    name: error.name,
    ...(isPlain(error) ? { message: error.message.slice(0, MAX_MESSAGE) } : {}),
    ...(frames === undefined || frames.length === 0 ? {} : { stack: frames.join("\n") }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(cause instanceof Error && depth < DEEPEST ? { cause: toldError(cause, depth + 1) } : {}),
  };
};

const isPlain = (error: Error): boolean =>
  PLAIN.has(error.name) || error.name.startsWith("Sluice.") || hasMessageWithoutData(error);
