import { Duration } from "aws-cdk-lib";
import type { HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import { ComparisonOperator, type IMetric, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import {
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  type MetricKey,
  metricName,
} from "../../shared/model/metrics.ts";
import { INSTANCE_OF_TEMPLATE } from "./names.ts";

/** The AWS resources that alarms and the dashboard watch, in addition to Sluice's own metrics. */
export interface MonitoredResources {
  /** Queues that should be empty, by the name of their alarm. */
  readonly deadLetters: Readonly<Record<string, IQueue>>;
  readonly sweeper: IFunction;
  readonly publisher: IFunction;
  readonly gate: IFunction;
  readonly api: HttpApi;
  readonly table: Pick<TableV2, "metricConsumedReadCapacityUnits" | "metricConsumedWriteCapacityUnits">;
}

/** The condition of an alarm. Its entry in docs/operate/alarms.md explains what to do. */
export interface AlarmCondition {
  /** The alarm is `sluice-<name>`, which is also the heading of its entry. */
  readonly name: string;
  /** A sentence that says what happened. */
  readonly description: string;
  readonly metric: IMetric;
  /** Alarms if the value is at least this; with `atMost`, if it is at most this. */
  readonly threshold: number;
  readonly atMost?: true;
  /** Alarms if `bad` of the latest `of` periods breach. The default is one of one. */
  readonly periods?: { readonly bad: number; readonly of: number };
  /** Missing data breaches; by default it does not. */
  readonly missingDataBreaches?: true;
}

const ONE_MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
const QUARTER = Duration.minutes(15);
const TWICE_IN_THREE = { bad: 2, of: 3 };

const sum = (key: MetricKey, period = FIVE_MINUTES): IMetric => sluiceMetric(key, "Sum", period);
const largest = (key: MetricKey, period = FIVE_MINUTES): IMetric => sluiceMetric(key, "Maximum", period);

/** Alarms on events that are lost or late. */
const deliveries = ({ deadLetters, publisher }: MonitoredResources): AlarmCondition[] => [
  ...Object.entries(deadLetters).map(([name, queue]) => ({
    name: `${name}-dead-letters`,
    description: `Events of ${name} failed after all retries and are in a dead-letter queue`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: ONE_MINUTE, statistic: "Maximum" }),
    threshold: 1,
  })),
  {
    name: "events-late",
    description: "Events reach the event bus more than five minutes late",
    metric: publisher.metric("IteratorAge", { period: ONE_MINUTE, statistic: "Maximum" }),
    threshold: FIVE_MINUTES.toMilliseconds(),
  },
  {
    name: "resume-late",
    description: "A pause ended automatically, but more than five minutes after its time",
    metric: largest("resumeLateness"),
    threshold: FIVE_MINUTES.toSeconds(),
  },
];

/** Alarms on the sweeper, which repairs everything else. */
const sweeper = ({ sweeper: sweeperFunction }: MonitoredResources): AlarmCondition[] => [
  {
    name: "sweeper-silent",
    description: "The sweeper has not run for five minutes; interrupted work is not completed",
    metric: sweeperFunction.metricInvocations({ period: FIVE_MINUTES, statistic: "Sum" }),
    threshold: 0,
    atMost: true,
    missingDataBreaches: true,
  },
  {
    name: "sweeper-failing",
    description: "The sweeper failed three times in five minutes",
    metric: sweeperFunction.metricErrors({ period: FIVE_MINUTES, statistic: "Sum" }),
    threshold: 3,
  },
  {
    name: "sweeper-behind",
    description: "The sweeper processed an item that was due for more than ten minutes",
    metric: largest("oldestOverdue"),
    threshold: Duration.minutes(10).toSeconds(),
    periods: TWICE_IN_THREE,
  },
  {
    name: "sweeper-busy",
    description: "The sweeper had to carry out 100 intents in a quarter of an hour; something keeps failing",
    metric: sum("intentsRedone", QUARTER),
    threshold: 100,
  },
  {
    name: "sweeper-obstructed",
    description: "The sweeper failed to process five due items in a quarter of an hour",
    metric: sum("sweepFailures", QUARTER),
    threshold: 5,
  },
  {
    name: "change-stuck",
    description: "An intent has been tried five times over half an hour and still fails",
    metric: largest("intentTries", QUARTER),
    threshold: 5,
  },
  {
    name: "drain-stuck",
    description:
      "The sweeper restarted drains three times in a quarter of an hour; a queue may not be draining",
    metric: sum("drainsRestarted", QUARTER),
    threshold: 3,
  },
];

/** Alarms on what affects runs and clients. Lambda's own error count is not used, because it includes the refusals of gates. */
const calls = ({ gate, api }: MonitoredResources): AlarmCondition[] => [
  {
    name: "gates-failing",
    description: "Ten gates failed in five minutes; runs wait before their next steps and retry",
    metric: sum("gateFailures"),
    threshold: 10,
  },
  {
    name: "gates-slow",
    description: "One gate in a hundred has taken three seconds or more for a quarter of an hour",
    metric: gate.metricDuration({ period: FIVE_MINUTES, statistic: "p99" }),
    threshold: Duration.seconds(3).toMilliseconds(),
    periods: { bad: 3, of: 3 },
  },
  {
    name: "tasks-failing",
    description: "Five parks or human steps failed in five minutes; their runs retry",
    metric: sum("taskFailures"),
    threshold: 5,
  },
  {
    name: "background-failing",
    description: "Handlers of events, schedules or batches keep failing; their events are delivered again",
    metric: sum("backgroundFailures"),
    threshold: 5,
    periods: TWICE_IN_THREE,
  },
  {
    name: "api-failing",
    description: "The API answered five requests with a 5xx in five minutes",
    metric: api.metricServerError({ period: FIVE_MINUTES, statistic: "Sum" }),
    threshold: 5,
  },
];

/** Alarms on flows that need attention, although Sluice works. */
const flows = (): AlarmCondition[] => [
  {
    name: "cap-near",
    description: "A flow has used 80 % of a cap; when it is reached, the flow is paused",
    metric: sum("capsNearlyReached"),
    threshold: 1,
  },
  {
    name: "queue-growing",
    description: "A flow has been paused for more than a day, and its queue keeps growing",
    metric: sum("heldQueuesGrowing", QUARTER),
    threshold: 1,
  },
  {
    name: "run-overdue",
    description: "A run lasts longer than its flow expects",
    metric: sum("runsOverdue", QUARTER),
    threshold: 1,
  },
];

/** Alarms on throttling, by limits of the account. Throttled calls are retried. */
const throttles = ({ gate }: MonitoredResources): AlarmCondition[] => [
  {
    name: "lambda-throttled",
    description: "Lambda throttled ten gates in five minutes: the account's concurrency is exhausted",
    metric: gate.metricThrottles({ period: FIVE_MINUTES, statistic: "Sum" }),
    threshold: 10,
  },
  {
    name: "table-throttled",
    description: "DynamoDB keeps throttling the table or one of its indexes",
    metric: sum("dynamoDbThrottles"),
    threshold: 50,
    periods: TWICE_IN_THREE,
  },
  {
    name: "starts-throttled",
    description: "Step Functions keeps throttling Sluice's calls, mostly StartExecution",
    metric: sum("stepFunctionsThrottles"),
    threshold: 50,
    periods: TWICE_IN_THREE,
  },
];

export const alarmConditions = (watched: MonitoredResources): AlarmCondition[] =>
  [deliveries, sweeper, calls, flows, throttles].flatMap((conditions) => conditions(watched));

/** Returns the condition as CloudWatch's properties. */
export const alarmProps = ({ metric, threshold, atMost, periods, missingDataBreaches }: AlarmCondition) => ({
  metric,
  threshold,
  comparisonOperator:
    atMost === true
      ? ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  evaluationPeriods: periods?.of ?? 1,
  datapointsToAlarm: periods?.bad ?? 1,
  treatMissingData:
    missingDataBreaches === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
});

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
