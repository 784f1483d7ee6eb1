/** Event sources that the CDK stacks and the local stack both connect to Sluice's functions. */

/** Statuses in which an execution has ended. The rule on `Step Functions Execution Status Change` matches these. */
export const ENDED_STATUSES: readonly string[] = ["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];

const RUN = { Keys: { SK: { S: ["RUN"] } } };
/**
 * No single write moves a run from running through another status back to running, so a run that stays running has not changed
 * status.
 */
const NOT_RUNNING = { status: { S: [{ "anything-but": ["running"] }] } };

/**
 * The event source mapping of the table's stream. Filter patterns follow the Lambda Developer Guide ("Event filtering"); a mapping has
 * at most five of them unless the quota is raised.
 */
export const tableStream = {
  function: "publishChanges",
  filters: [
    { eventName: ["INSERT"], dynamodb: RUN },
    { eventName: ["MODIFY"], dynamodb: { ...RUN, NewImage: NOT_RUNNING } },
    { eventName: ["MODIFY"], dynamodb: { ...RUN, OldImage: NOT_RUNNING } },
    // Audit entries of flows. Those of runs have no flowId.
    {
      eventName: ["INSERT"],
      dynamodb: { Keys: { SK: { S: [{ prefix: "A#" }] } }, NewImage: { flowId: { S: [{ exists: true }] } } },
    },
    { eventName: ["REMOVE"], dynamodb: { Keys: { SK: { S: ["FLOW"] } } } },
  ],
  batchSize: 100,
  /** Batches of one shard that are processed in parallel. Records of one item stay in order. */
  parallelizationFactor: 4,
  /** After these retries a batch goes to the dead-letter queue, so that one bad record does not block the stream forever. */
  retryAttempts: 20,
  maxRecordAgeHours: 12,
} as const;
