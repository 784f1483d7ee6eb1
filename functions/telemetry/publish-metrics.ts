import { Metrics as Powertools } from "@aws-lambda-powertools/metrics";
import { METRIC_NAMESPACE, type MetricKey, metricName, metricUnit } from "../../shared/model/metrics.ts";

/** The values that one invocation has recorded, by metric. */
type RecordedMetrics = ReadonlyMap<MetricKey, readonly number[]>;

export type PublishMetrics = (recorded: RecordedMetrics) => void;

/** CloudWatch's limit for the values of one metric in one line. */
const MAX_VALUES = 100;

/** Publishes in the embedded metric format: one line of the log, which CloudWatch turns into metrics without any API call. */
export const metricsInLog = (instance: string): PublishMetrics => {
  const powertools = new Powertools({
    namespace: METRIC_NAMESPACE,
    serviceName: instance,
  });
  return (recorded) => {
    for (const [key, values] of recorded) {
      // If there are too many values, keep the largest: they show the problem.
      const largest = values.toSorted((one, other) => other - one).slice(0, MAX_VALUES - 1);
      for (const value of largest) powertools.addMetric(metricName(key), metricUnit(key), value);
    }
    powertools.publishStoredMetrics();
  };
};
