/**
 * Default quotas of an account in us-east-1, a second unless said. Looked over on 2026-11-26 in the services' own guides: Step
 * Functions "Service quotas", DynamoDB "Warm throughput scenarios", Lambda "Quotas" and "Scaling behavior", EventBridge "Quotas",
 * EventBridge Scheduler "Quotas", API Gateway "HTTP API quotas". New accounts begin with less.
 */
export const QUOTAS = {
  /** Step Functions, refill of each token bucket. */
  startExecution: 300,
  stateTransitions: 5_000,
  sendTaskSuccess: 500,
  /** Step Functions, at the same time. */
  openExecutions: 1_000_000,
  /** DynamoDB, of one partition of a table or an index. */
  partitionWrites: 1_000,
  partitionReads: 3_000,
  /** DynamoDB, of a table in all. */
  tableUnits: 40_000,
  /** Lambda, at the same time. */
  lambdaConcurrency: 1_000,
  /** EventBridge. */
  putEvents: 10_000,
  /** EventBridge Scheduler. */
  createSchedule: 5_000,
  /** API Gateway, requests of an account. */
  apiRequests: 10_000,
} as const;
