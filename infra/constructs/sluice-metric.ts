import type { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  type MetricKey,
  metricName,
} from "../../shared/model/metrics.ts";
import { INSTANCE_OF_TEMPLATE } from "./names.ts";

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
    dimensionsMap: { [METRIC_DIMENSION]: INSTANCE_OF_TEMPLATE },
    statistic,
    period,
    ...(label === undefined ? {} : { label }),
  });
