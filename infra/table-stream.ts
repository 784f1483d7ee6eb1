/**
 * Who is told of the table's changes, and of which: one event source mapping, made by the CDK stack and by the local stack alike.
 * Patterns are Lambda's (Developer Guide, "Event filtering"); five are the most that a mapping takes unless the quota is raised.
 */
const RUN = { Keys: { SK: { S: ["RUN"] } } };
/** No write takes a run from running to running by way of another status, so what stays running changed nothing: each step's write. */
const NOT_RUNNING = { status: { S: [{ "anything-but": ["running"] }] } };

export const tableStream = {
  function: "publishChanges",
  filters: [
    { eventName: ["INSERT"], dynamodb: RUN },
    { eventName: ["MODIFY"], dynamodb: { ...RUN, NewImage: NOT_RUNNING } },
    { eventName: ["MODIFY"], dynamodb: { ...RUN, OldImage: NOT_RUNNING } },
    // An entry of a flow's audit; those of runs name no flow.
    {
      eventName: ["INSERT"],
      dynamodb: { Keys: { SK: { S: [{ prefix: "A#" }] } }, NewImage: { flowId: { S: [{ exists: true }] } } },
    },
    { eventName: ["REMOVE"], dynamodb: { Keys: { SK: { S: ["FLOW"] } } } },
  ],
  batchSize: 100,
  /** Batches of one shard that are worked on at once; the records of one item stay in order. */
  parallelizationFactor: 4,
  /** Retries of a batch; then it goes to the dead letters, so that one that can never be told blocks nothing for ever. */
  retryAttempts: 20,
  maxRecordAgeHours: 12,
} as const;
