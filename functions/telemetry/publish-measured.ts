import { Metrics as Powertools } from "@aws-lambda-powertools/metrics";
import {
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  type MetricKey,
  metricName,
  metricUnit,
} from "../../shared/model/metrics.ts";

/** What a call has counted and measured. */
export type Measured = ReadonlyMap<MetricKey, readonly number[]>;

/** CloudWatch takes so many values of one metric from one line. */
const MAX_VALUES = 100;

let powertools: Powertools | undefined;

/** One line in the embedded metric format, which CloudWatch Logs makes metrics of: no call of any service. */
const inLog = (measured: Measured): void => {
  powertools ??= new Powertools({ namespace: METRIC_NAMESPACE, serviceName: METRIC_DIMENSIONS.service });
  for (const [key, values] of measured) {
    // Of many values the largest are those that tell something.
    const told = values.toSorted((one, other) => other - one).slice(0, MAX_VALUES - 1);
    for (const value of told) powertools.addMetric(metricName(key), metricUnit(key), value);
  }
  powertools.publishStoredMetrics();
};

let publish: (measured: Measured) => void = inLog;

export const publishMeasured = (measured: Measured): void => publish(measured);

/** The local stack's own counters instead of the log. */
export const useMeter = (meter: (measured: Measured) => void): void => {
  publish = meter;
};
