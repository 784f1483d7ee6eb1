/**
 * Public list prices of us-east-1, US dollars, without free tiers and discounts, as of November 2026. Transitions, DynamoDB's units,
 * Lambda, alarms, metrics and logs were compared on 2026-11-27 with copies of the services' pages, or with others who quote them;
 * the rest, cents of the sums, were not. The pages are aws.amazon.com/<service>/pricing.
 */
export const PRICES = {
  /** step-functions: a state transition of a Standard workflow. */
  transition: 25e-6,
  /** lambda: a request, and a GB-second on arm64. */
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 0.0000133334,
  /** dynamodb, on-demand: request units; storage and point-in-time recovery, GB-month. */
  writeUnit: 0.625e-6,
  readUnit: 0.125e-6,
  tableGbMonth: 0.25,
  recoveryGbMonth: 0.2,
  /** api-gateway: a request to an HTTP API. */
  apiRequest: 1e-6,
  /** eventbridge: a custom event put on a bus; events of AWS services are free. Scheduler: an invocation. */
  event: 1e-6,
  schedule: 1e-6,
  /** cloudwatch: ingestion and storage of logs, per GB and GB-month; an alarm and a custom metric, per month. */
  logGb: 0.5,
  logGbMonth: 0.03,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  /** xray: a trace that is recorded. */
  trace: 5e-6,
  /** kms: a customer managed key, a month. */
  keyMonth: 1,
  /** secrets-manager: a secret, a month. */
  secretMonth: 0.4,
  /** waf: a web ACL, a month. */
  webAclMonth: 5,
  /** s3 standard: GB-month. */
  bucketGbMonth: 0.023,
  /** sqs: a request; Lambda and alarms do not poll dead-letter queues. */
  queueRequest: 0.4e-6,
} as const;

/** Quantities that the bill needs in addition to prices. */
export const ASSUMED = {
  /** Milliseconds of one of Sluice's own functions: its own work, each DynamoDB call, each call of Step Functions. */
  ownMs: 5,
  tableCallMs: 5,
  statesCallMs: 20,
  /** Milliseconds and MB of a user's function in a step. */
  stepMs: 100,
  stepMb: 512,
  /** Bytes that an invocation of one of Sluice's functions writes to its log: the platform's three lines and one of its own. */
  logBytes: 1_000,
  /** The share of invocations that X-Ray records: its default rule is one per second and 5 % of the rest. */
  traced: 0.05,
} as const;
