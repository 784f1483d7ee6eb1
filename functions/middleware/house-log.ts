import { Logger } from "@aws-lambda-powertools/logger";
import type { Log } from "../../shared/domain/engine.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Errors whose message is written by Sluice or by the language, or names a permission and no data. All others may quote what they
 * were given: JSON.parse does, zod and ajv do, and so do the services when they refuse a value.
 */
const PLAIN = new Set([
  ...[
    "Error",
    "TypeError",
    "RangeError",
    "ReferenceError",
    "TimeoutError",
    "AbortError",
    "TimeBudgetExceeded",
  ],
  ...["AccessDeniedException", "ThrottlingException", "ProvisionedThroughputExceededException"],
]);
const field = (error: Error, name: string): unknown => Reflect.get(error, name);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** The calls alone: the first line of a stack is the message again. */
const framesOf = ({ stack }: Error): string[] =>
  (stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .map((line) => line.trim());

/** AWS's own id of the call, to find it by. */
const requestOf = (error: Error) => {
  const metadata = field(error, "$metadata");
  if (typeof metadata !== "object" || metadata === null) return {};
  return {
    awsRequestId: Reflect.get(metadata, "requestId"),
    status: Reflect.get(metadata, "httpStatusCode"),
  };
};

/**
 * An error as the log may have it: what it is called, where it comes from, which AWS request it was. Never its own fields: AWS's
 * refusals carry the item that stood in the way, and a schema's the input.
 */
export const loggedError = (error: Error): Fields => ({
  name: error.name,
  ...(PLAIN.has(error.name) || error.name.startsWith("Sluice.")
    ? { message: error.message.slice(0, 500) }
    : {}),
  code: text(field(error, "code")),
  ...requestOf(error),
  stack: framesOf(error),
  ...(error.cause instanceof Error ? { cause: loggedError(error.cause) } : {}),
});

const safe = (fields: Fields): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      value instanceof Error ? loggedError(value) : value,
    ]),
  );

/** Structured lines on standard output, with nothing of an error but what it may say. */
export const houseLog = (): Log => {
  const logger = new Logger({ serviceName: "sluice" });
  return {
    info: (message, fields) => logger.info(message, safe(fields)),
    warn: (message, fields) => logger.warn(message, safe(fields)),
    error: (message, fields) => logger.error(message, safe(fields)),
  };
};
