/**
 * What Sluice measures of itself, by name; dashboards and alarms read the names from here. Nothing is told where there is nothing
 * to say, so a deployment at rest has none of these metrics, and pays for none. There are no dimensions but the constant one:
 * which workspace, flow or run it was is in the log.
 */
export const METRIC_NAMESPACE = "Sluice";
export const METRIC_DIMENSIONS = { service: "sluice" } as const;

/** Things that happened, summed up. */
const COUNTS = {
  dispatchesStarted: "Records taken to be started at once",
  dispatchesQueued: "Records that wait behind a hold",
  dispatchesRejected: "Records turned away by a flow that was paused with `reject`",
  startsFailed: "Records whose execution could not be started at once; the sweeper does it",
  runsCompleted: "Runs that came to their end",
  runsFailed: "Runs that failed",
  runsCancelled: "Runs that were cancelled",
  flowsPaused: "Flows that got their first hold",
  flowsResumed: "Flows that lost their last hold",
  gatesRefused: "Gates that let nobody pass: the run or its flow is held, over, or past its deadline",
  gateFailures: "Gates that failed by themselves; the flow asks again",
  taskFailures: "Parks and human steps that failed by themselves; the flow asks again",
  backgroundFailures: "Events, schedules and batches whose handling failed; they come again",
  holdsLiftedBySweep: "Holds past their end that no schedule had lifted",
  drainWoken: "Parked runs woken by a drain",
  drainStarted: "Queued records started by a drain",
  drainsRestarted: "Drains whose execution was gone",
  bulkJobsRestarted: "Bulk operations whose execution was gone",
  intentsRedone: "Changes of runs whose other half the sweeper had to do",
  answersRedelivered: "Answers of people that the sweeper had to deliver",
  deadlinesEnforced: "Runs ended in a step or a wait, past their flow's TimeoutSeconds",
  silentRunsLooked: "Runs without a sign of life whose execution was looked up",
  silentRunsClosed: "Of these, runs whose execution was over",
  startsRepeated: "Of these, runs that had never been started",
  parksReleased: "Of these, runs' parks that nothing held any more",
  runsGivenUp: "Of these, runs whose execution Step Functions had not known for a day",
  countersCorrected: "Counters of waiting records that were off",
  tombstonesRemoved: "Tombstones of deleted runs whose time was over",
  runsExpired: "Runs deleted by their workspace's retention",
  sweepFailures: "Things that the sweeper failed to make good; it tries again",
  sweepLeft: "Parts of the index of due things where a sweep had to leave some for the next one",
  writeConflicts: "Conditional writes that lost to a concurrent change and were attempted again",
  dynamoDbThrottles: "Calls of DynamoDB that were throttled, retries among them",
  stepFunctionsThrottles: "Calls of Step Functions that were throttled, StartExecution above all",
  schedulerThrottles: "Calls of EventBridge Scheduler that were throttled",
  eventBusThrottles: "Calls of EventBridge that were throttled",
} as const;

/** Values of which the largest tells something, with their unit as CloudWatch knows it. */
const MEASURES = {
  resumeLateness: { unit: "Seconds", says: "How long after its end a hold was lifted by itself" },
  oldestOverdue: { unit: "Seconds", says: "How long the oldest thing that the sweeper met had been due" },
  intentTries: { unit: "Count", says: "How often the sweeper has tried the same unfinished change" },
} as const;

export type CountKey = keyof typeof COUNTS;
export type MeasureKey = keyof typeof MEASURES;
export type MetricKey = CountKey | MeasureKey;

export const METRIC_KEYS = [...Object.keys(COUNTS), ...Object.keys(MEASURES)] as readonly MetricKey[];

/** `runsFailed` is the metric `RunsFailed`. */
export const metricName = (key: MetricKey): string => `${key.charAt(0).toUpperCase()}${key.slice(1)}`;

const isMeasure = (key: MetricKey): key is MeasureKey => Object.hasOwn(MEASURES, key);

export const metricUnit = (key: MetricKey): "Count" | "Seconds" =>
  isMeasure(key) ? MEASURES[key].unit : "Count";

/** For people; the operating guide says it too. */
export const metricMeaning = (key: MetricKey): string => (isMeasure(key) ? MEASURES[key].says : COUNTS[key]);
