import { Logger } from "@aws-lambda-powertools/logger";
import type { Log, LogFields } from "../../shared/domain/deps.ts";
import { DEFAULT_INSTANCE } from "../../shared/model/machines/machine-names.ts";
import { invocationFields } from "./invocation.ts";
import { metricsInLog, type PublishMetrics } from "./publish-metrics.ts";
import { redactError } from "./redact-error.ts";

const fieldsOf = (fields: LogFields): Record<string, unknown> => {
  const all = { ...invocationFields(), ...fields };
  return Object.fromEntries(
    Object.entries(all).map(([name, value]) => [name, value instanceof Error ? redactError(value) : value]),
  );
};

/** Creates a log that writes one JSON object per line, with the fields of the invocation it belongs to. */
const createLog = (): Log => {
  const logger = new Logger({ serviceName: "sluice" });
  return {
    info: (message, fields) => logger.info(message, fieldsOf(fields)),
    warn: (message, fields) => logger.warn(message, fieldsOf(fields)),
    error: (message, fields) => logger.error(message, fieldsOf(fields)),
  };
};

/** The destination of a function's log lines and metrics. */
export interface Telemetry {
  readonly log: Log;
  readonly publishMetrics: PublishMetrics;
}

/** Creates the telemetry of a function on AWS: log lines and metrics both go to CloudWatch Logs. */
export const lambdaTelemetry = (instance: string = DEFAULT_INSTANCE): Telemetry => ({
  log: createLog(),
  publishMetrics: metricsInLog(instance),
});
