/** What the one rule asks of a `Step Functions Execution Status Change`: CDK's and the local event bus. */
export const ENDED_STATUSES: readonly string[] = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];
