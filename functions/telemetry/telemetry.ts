import type { Log } from "../../shared/domain/deps.ts";
import { DEFAULT_INSTANCE } from "../../shared/model/machines/machine-names.ts";
import { createLog } from "./log.ts";
import { metricsInLog, type PublishMetrics } from "./publish-metrics.ts";

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
