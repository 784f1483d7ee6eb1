import { Logger } from "@aws-lambda-powertools/logger";
import type { Log, LogFields } from "../../shared/domain/deps.ts";
import { invocationFields } from "./invocation.ts";
import { redactError } from "./redact-error.ts";

const fieldsOf = (fields: LogFields): Record<string, unknown> => {
  const all = { ...invocationFields(), ...fields };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, value instanceof Error ? redactError(value) : value]),
  );
};

/** Creates a log that writes one JSON object per line, with the fields of the invocation it belongs to. */
export const createLog = (): Log => {
  const logger = new Logger({ serviceName: "sluice" });
  return {
    info: (message, fields) => logger.info(message, fieldsOf(fields)),
    warn: (message, fields) => logger.warn(message, fieldsOf(fields)),
    error: (message, fields) => logger.error(message, fieldsOf(fields)),
  };
};
