import type { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import {
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  type MetricKey,
  metricName,
} from "../../shared/model/metrics.ts";

/** Returns one of Sluice's own metrics. */
export const sluiceMetric = (
  key: MetricKey,
  statistic: "Sum" | "Maximum",
  period: Duration,
  label?: string,
): Metric =>
  new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: metricName(key),
    dimensionsMap: METRIC_DIMENSIONS,
    statistic,
    period,
    ...(label === undefined ? {} : { label }),
  });
