import { functions } from "../../infra/functions.ts";
import type { Resource } from "../infra/synth/synthesized.ts";
import { costsOf, total } from "./costs.ts";
import { PRICES } from "./prices.ts";
import type { WorkUsage } from "./run-usage.ts";

const MINUTES_A_MONTH = 43_800;
/** GB of stored runs and logs that an idle deployment keeps. */
const STORED_GB = 1;
const KEPT_LOG_GB = 0.1;
const CONSOLE_GB = 0.01;

/** Dollars per month of one unused resource; nothing if only usage is billed. */
const AT_REST: Readonly<Record<string, (resource: Resource) => number>> = {
  "AWS::CloudWatch::Alarm": (alarm) => alarmedMetrics(alarm) * PRICES.alarmMonth,
  "AWS::CloudWatch::CompositeAlarm": () => 0.5,
  /** Each account has three dashboards of at most 50 metrics for free, permanently. */
  "AWS::CloudWatch::Dashboard": () => 0,
  "AWS::Logs::MetricFilter": () => PRICES.metricMonth,
  "AWS::KMS::Key": () => PRICES.keyMonth,
  "AWS::SecretsManager::Secret": () => PRICES.secretMonth,
  "AWS::WAFv2::WebACL": () => PRICES.webAclMonth,
  "AWS::DynamoDB::GlobalTable": (table) =>
    STORED_GB * (PRICES.tableGbMonth + (isRecoverable(table) ? PRICES.recoveryGbMonth : 0)),
  "AWS::S3::Bucket": () => CONSOLE_GB * PRICES.bucketGbMonth,
};

/** Types that are billed only by usage, or not at all. */
const BY_USE = [
  /^AWS::(IAM|ApiGatewayV2|Cognito|CloudFront|SNS|SQS)::/,
  /^AWS::Lambda::(Function|Permission|EventInvokeConfig|EventSourceMapping|LayerVersion|Version|Alias)$/,
  /^AWS::Logs::(LogGroup|QueryDefinition)$/,
  /^AWS::Events::(Rule|EventBus|EventBusPolicy)$/,
  /^AWS::Scheduler::/,
  /^AWS::StepFunctions::StateMachine$/,
  /^AWS::S3::BucketPolicy$/,
  /^AWS::CDK::Metadata$/,
  /^AWS::CloudFormation::/,
  /^AWS::SSM::Parameter$/,
  /^Custom::/,
];

const alarmedMetrics = ({ Properties }: Resource): number => {
  const metrics = Properties["Metrics"];
  if (!Array.isArray(metrics)) return 1;
  return metrics.filter((metric: { MetricStat?: unknown }) => metric.MetricStat !== undefined).length;
};

const isRecoverable = ({ Properties }: Resource): boolean =>
  JSON.stringify(Properties).includes('"PointInTimeRecoveryEnabled":true');

/** Types that this bill does not know. Look up their price at rest. */
export const unknownTypes = (resources: ReadonlyMap<string, readonly Resource[]>): string[] =>
  [...resources.keys()].filter(
    (type) => AT_REST[type] === undefined && !BY_USE.some((known) => known.test(type)),
  );

/** The minutes of `rate(1 minute)` and similar expressions. */
const minutesOf = ({ Properties }: Resource): number => {
  const [, count, unit] =
    /^rate\((\d+) (minute|hour|day)s?\)$/.exec(String(Properties["ScheduleExpression"])) ?? [];
  const minutes = { minute: 1, hour: 60, day: 1_440 }[unit ?? ""];
  if (minutes === undefined)
    throw new Error(`A schedule that the bill cannot count: ${JSON.stringify(Properties)}`);
  return Number(count) * minutes;
};

/**
 * The monthly cost in dollars of a deployment in which nothing runs, by part, from its templates. `sweep`: the usage of one
 * sweep that finds nothing.
 */
export const idleBill = (
  resources: ReadonlyMap<string, readonly Resource[]>,
  memory: ReadonlyMap<string, number>,
  sweep: WorkUsage,
): ReadonlyMap<string, number> => {
  const bill = new Map<string, number>();
  for (const [type, all] of resources) {
    const price = AT_REST[type];
    if (price !== undefined)
      bill.set(
        type,
        all.reduce((sum, resource) => sum + price(resource), 0),
      );
  }
  const times = (resources.get("AWS::Scheduler::Schedule") ?? []).reduce(
    (sum, schedule) => sum + MINUTES_A_MONTH / minutesOf(schedule),
    0,
  );
  bill.set("schedules' invocations", times * PRICES.schedule);
  const once = costsOf(sweep, (name) => memory.get(name), 0);
  bill.set(`${functions.sweep.name}: lambda`, times * once.lambda);
  bill.set(`${functions.sweep.name}: reads and writes`, times * (once.reads + once.writes));
  bill.set(
    `${functions.sweep.name}: logs and traces`,
    times * (total(once) - once.lambda - once.reads - once.writes),
  );
  bill.set("logs kept", KEPT_LOG_GB * PRICES.logGbMonth);
  return bill;
};
