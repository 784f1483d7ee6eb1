/**
 * Default quotas of an account in us-east-1, per second unless noted. Checked on 2026-11-26 in the services' own guides: Step
 * Functions "Service quotas", DynamoDB "Warm throughput scenarios", Lambda "Quotas" and "Scaling behavior", EventBridge
 * "Quotas", EventBridge Scheduler "Quotas", API Gateway "HTTP API quotas". New accounts begin with lower ones.
 */
export const QUOTAS = {
  /** Step Functions, refill of each token bucket. */
  startExecution: 300,
  stateTransitions: 5_000,
  sendTaskSuccess: 500,
  getExecutionHistory: 20,
  /** Step Functions, concurrent. */
  openExecutions: 1_000_000,
  /** DynamoDB, per partition of a table or an index. */
  partitionWrites: 1_000,
  partitionReads: 3_000,
  /** DynamoDB, per table. */
  tableUnits: 40_000,
  /** Lambda, concurrent. */
  lambdaConcurrency: 1_000,
  /** EventBridge. */
  putEvents: 10_000,
  /** EventBridge Scheduler. */
  createSchedule: 5_000,
  /** API Gateway, requests per account. */
  apiRequests: 10_000,
} as const;
