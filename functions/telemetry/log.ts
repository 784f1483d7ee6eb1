import { Logger } from "@aws-lambda-powertools/logger";
import type { Log, LogFields } from "../../shared/domain/deps.ts";
import { invocationFields } from "./invocation.ts";
import { toldError } from "./told-error.ts";

let made: Logger | undefined;
/** Made at the first line, as whatever reads the environment is: loading a handler does not. */
const logger = (): Logger => {
  made ??= new Logger({ serviceName: "sluice" });
  return made;
};

const fieldsOf = (fields: LogFields): Record<string, unknown> => {
  const told = { ...invocationFields(), ...fields };
  return Object.fromEntries(
    Object.entries(told).map(([name, value]) => [name, value instanceof Error ? toldError(value) : value]),
  );
};

/** One JSON object a line: what the line says, and what the call is about. */
export const log: Log = {
  info: (message, fields) => logger().info(message, fieldsOf(fields)),
  warn: (message, fields) => logger().warn(message, fieldsOf(fields)),
  error: (message, fields) => logger().error(message, fieldsOf(fields)),
};
