import { Duration } from "aws-cdk-lib";
import { ComparisonOperator, type IMetric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { MetricKey } from "../../shared/model/metrics.ts";
import { ownMetric } from "./own-metric.ts";
import type { Watched } from "./watched.ts";

/** When an alarm rings. Its entry in docs/operate/alarms.md says what to do. */
export interface AlarmCondition {
  /** After `sluice-`; the heading of its entry too. */
  readonly name: string;
  /** What has happened, in a sentence for whoever is woken by it. */
  readonly says: string;
  readonly metric: IMetric;
  /** Rings at this value and above; `atMost`: at this value and below. */
  readonly threshold: number;
  readonly atMost?: true;
  /** Of the latest `of` periods so many; absent: one of one. */
  readonly periods?: { readonly bad: number; readonly of: number };
  /** Where there is nothing, something is wrong; absent: nothing is good news. */
  readonly silenceRings?: true;
}

const ONE_MINUTE = Duration.minutes(1);
const FIVE_MINUTES = Duration.minutes(5);
const QUARTER = Duration.minutes(15);
const TWICE_IN_THREE = { bad: 2, of: 3 };

const sum = (key: MetricKey, period = FIVE_MINUTES): IMetric => ownMetric(key, "Sum", period);
const largest = (key: MetricKey, period = FIVE_MINUTES): IMetric => ownMetric(key, "Maximum", period);

/** What was lost on its way, or comes late. */
const deliveries = ({ deadLetters, publisher }: Watched): AlarmCondition[] => [
  ...Object.entries(deadLetters).map(([name, queue]) => ({
    name: `${name}-dead-letters`,
    says: `Events of ${name} could not be handled and lie in a dead-letter queue`,
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: ONE_MINUTE, statistic: "Maximum" }),
    threshold: 1,
  })),
  {
    name: "events-late",
    says: "Changes of runs and flows reach the event bus more than five minutes late",
    metric: publisher.metric("IteratorAge", { period: ONE_MINUTE, statistic: "Maximum" }),
    threshold: FIVE_MINUTES.toMilliseconds(),
  },
  {
    name: "resume-late",
    says: "A pause ended by itself more than five minutes after its time",
    metric: largest("resumeLateness"),
    threshold: FIVE_MINUTES.toSeconds(),
  },
];

/** The guarantee behind everything else. */
const sweeper = ({ sweeper: called }: Watched): AlarmCondition[] => [
  {
    name: "sweeper-silent",
    says: "The sweeper has not run for five minutes; what was left half-done stays so",
    metric: called.metricInvocations({ period: FIVE_MINUTES, statistic: "Sum" }),
    threshold: 0,
    atMost: true,
    silenceRings: true,
  },
  {
    name: "sweeper-failing",
    says: "The sweeper has failed three times in five minutes",
    metric: called.metricErrors({ period: FIVE_MINUTES, statistic: "Sum" }),
    threshold: 3,
  },
  {
    name: "sweeper-behind",
    says: "Something that the sweeper has to do was due more than ten minutes ago",
    metric: largest("oldestOverdue"),
    threshold: Duration.minutes(10).toSeconds(),
    periods: TWICE_IN_THREE,
  },
  {
    name: "sweeper-busy",
    says: "The sweeper had to finish 100 changes of runs in a quarter of an hour; something keeps failing",
    metric: sum("intentsRedone", QUARTER),
    threshold: 100,
  },
  {
    name: "sweeper-obstructed",
    says: "The sweeper has failed five times in a quarter of an hour to make something good",
    metric: sum("sweepFailures", QUARTER),
    threshold: 5,
  },
  {
    name: "change-stuck",
    says: "The other half of a change has been tried five times, for half an hour, and still fails",
    metric: largest("intentTries", QUARTER),
    threshold: 5,
  },
  {
    name: "drain-stuck",
    says: "Drains had to be started again three times in a quarter of an hour; a queue may stand still",
    metric: sum("drainsRestarted", QUARTER),
    threshold: 3,
  },
];

/** What runs and clients meet. Refusals of gates are no errors, so Lambda's own count of errors would not do. */
const calls = ({ gate, api }: Watched): AlarmCondition[] => [
  {
    name: "gates-failing",
    says: "Ten gates have failed in five minutes; runs wait before their next steps and ask again",
    metric: sum("gateFailures"),
    threshold: 10,
  },
  {
    name: "gates-slow",
    says: "One gate in a hundred takes three seconds and more, for a quarter of an hour",
    metric: gate.metricDuration({ period: FIVE_MINUTES, statistic: "p99" }),
    threshold: Duration.seconds(3).toMilliseconds(),
    periods: { bad: 3, of: 3 },
  },
  {
    name: "tasks-failing",
    says: "Five parks or human steps have failed in five minutes; their runs ask again",
    metric: sum("taskFailures"),
    threshold: 5,
  },
  {
    name: "background-failing",
    says: "Events, schedules or batches keep failing; they come again",
    metric: sum("backgroundFailures"),
    threshold: 5,
    periods: TWICE_IN_THREE,
  },
  {
    name: "api-failing",
    says: "The API has answered five requests with a 5xx in five minutes",
    metric: api.metricServerError({ period: FIVE_MINUTES, statistic: "Sum" }),
    threshold: 5,
  },
];

/** Limits of the account. Everything that is throttled waits and comes again. */
const throttles = ({ gate }: Watched): AlarmCondition[] => [
  {
    name: "lambda-throttled",
    says: "Lambda has refused ten gates in five minutes: the account's concurrency is used up",
    metric: gate.metricThrottles({ period: FIVE_MINUTES, statistic: "Sum" }),
    threshold: 10,
  },
  {
    name: "table-throttled",
    says: "DynamoDB keeps throttling the table or one of its indexes",
    metric: sum("dynamoDbThrottles"),
    threshold: 50,
    periods: TWICE_IN_THREE,
  },
  {
    name: "starts-throttled",
    says: "Step Functions keeps throttling Sluice's calls, StartExecution above all",
    metric: sum("stepFunctionsThrottles"),
    threshold: 50,
    periods: TWICE_IN_THREE,
  },
];

export const alarmConditions = (watched: Watched): AlarmCondition[] =>
  [deliveries, sweeper, calls, throttles].flatMap((conditions) => conditions(watched));

/** The condition as CloudWatch takes it. */
export const alarmProps = ({ metric, threshold, atMost, periods, silenceRings }: AlarmCondition) => ({
  metric,
  threshold,
  comparisonOperator:
    atMost === true
      ? ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD
      : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  evaluationPeriods: periods?.of ?? 1,
  datapointsToAlarm: periods?.bad ?? 1,
  treatMissingData: silenceRings === true ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
});
