/**
 * The metrics that Sluice publishes about itself; the dashboard, the alarms and docs/operate/monitoring.md derive from this
 * table. Nothing is published while nothing happens, so a deployment at rest pays for no metrics. The only dimension is
 * the instance: the logs say which workspace, flow or run a count was about.
 */
export const METRIC_NAMESPACE = "Sluice";
/** Its value is the instance. */
export const METRIC_DIMENSION = "service";

/** Counters, which are summed. */
const COUNTS = {
  dispatchesStarted: "Records accepted and started immediately",
  dispatchesQueued: "Records queued behind a hold",
  dispatchesWaiting: "Records queued because all slots of their flow or key were taken",
  dispatchesRejected: "Records rejected by a flow that is paused with mode `reject`",
  startsFailed: "Records whose execution could not be started immediately; the sweeper starts it",
  runsCompleted: "Runs that completed",
  runsFailed: "Runs that failed",
  runsCancelled: "Runs that were cancelled",
  runsHalted: 'Runs that an error paused, in flows with `onFailure: "pause"`',
  runsOverdue: "Runs that last longer than their flow's `Expect`",
  capsNearlyReached: "Caps of which 80 % was used up in a window or period",
  heldQueuesGrowing:
    "Checks of flows that have been paused for more than a day, whose queue had grown since the last check",
  flowsPaused: "Flows that got their first hold",
  flowsResumed: "Flows that lost their last hold",
  gatesRefused:
    "Gates that did not let the run pass, because the run or its flow is held, over or past its deadline",
  gateFailures: "Gates that failed because a call failed; the flow retries them",
  taskFailures: "Parks and human steps that failed because a call failed; the flow retries them",
  backgroundFailures: "Events, schedules and batches whose handler failed; they are delivered again",
  holdsLiftedBySweep: "Holds past their end that the sweeper lifted because no schedule had",
  drainWoken: "Parked runs woken by a drain",
  drainStarted: "Queued records started by a drain",
  slotsPassedOn: "Slots that went to a waiting run",
  slotsReclaimed: "Slots without a run that the sweeper gave back",
  drainsRestarted: "Drains that the sweeper started again because their execution had ended",
  bulkJobsRestarted: "Bulk operations that the sweeper started again because their execution had ended",
  intentsRedone: "Intents of runs that the sweeper had to carry out",
  answersRedelivered: "Answers to approvals and forms that the sweeper had to deliver",
  deadlinesEnforced: "Runs that the sweeper ended because they were past their flow's `TimeoutSeconds`",
  silentRunsLooked: "Silent runs whose execution the sweeper looked up",
  silentRunsClosed: "Of these, runs whose execution had ended",
  startsRepeated: "Of these, runs that had never started",
  parksReleased: "Of these, parks that the sweeper woke because nothing held them any longer",
  executionsRenewed: "Of these, parked runs that went on waiting in a fresh execution after eleven months",
  executionsNearTheirEnd:
    "Of these, runs in an execution of eleven months that cannot be replaced, since they are parked inside a Parallel or Map, or on a state machine of somebody else",
  runsGivenUp: "Of these, runs that failed because Step Functions had not found their execution for a day",
  attachmentsRepaired: "Attaches and detaches that the sweeper completed or undid",
  flowsDrifted: "Hourly checks that found an attached machine with another definition",
  countersCorrected: "Counters of queued records that the sweeper corrected",
  tombstonesRemoved: "Tombstones of deleted runs that the sweeper removed",
  runsExpired: "Runs deleted because their workspace's retention was over",
  sweepFailures: "Due items that the sweeper failed to process; it tries again",
  sweepLeft: "Parts of the index of due things that a sweep left unfinished for the next one",
  writeConflicts: "Conditional writes that lost to a concurrent change and were attempted again",
  dynamoDbThrottles: "Throttled DynamoDB calls, including retries",
  stepFunctionsThrottles: "Throttled Step Functions calls, including retries; mostly StartExecution",
  schedulerThrottles: "Throttled EventBridge Scheduler calls, including retries",
  iamThrottles: "Throttled IAM calls, including retries",
  eventBusThrottles: "Throttled EventBridge calls, including retries",
} as const;

/** Values whose maximum matters, with their CloudWatch unit. */
const MEASURES = {
  resumeLateness: { unit: "Seconds", says: "How long after its end a hold was lifted automatically" },
  pauseLateness: { unit: "Seconds", says: "How long after its time a planned pause began" },
  oldestOverdue: {
    unit: "Seconds",
    says: "How long the oldest item that the sweeper processed had been due",
  },
  intentTries: { unit: "Count", says: "How often the sweeper has tried the same intent" },
} as const;

export type CountKey = keyof typeof COUNTS;
export type MeasureKey = keyof typeof MEASURES;
export type MetricKey = CountKey | MeasureKey;

export const METRIC_KEYS = [...Object.keys(COUNTS), ...Object.keys(MEASURES)] as readonly MetricKey[];

/** Returns the name in CloudWatch: `runsFailed` becomes `RunsFailed`. */
export const metricName = (key: MetricKey): string => `${key.charAt(0).toUpperCase()}${key.slice(1)}`;

const isMeasure = (key: MetricKey): key is MeasureKey => Object.hasOwn(MEASURES, key);

export const metricUnit = (key: MetricKey): "Count" | "Seconds" =>
  isMeasure(key) ? MEASURES[key].unit : "Count";

/** Returns a description of the metric. */
export const metricMeaning = (key: MetricKey): string => (isMeasure(key) ? MEASURES[key].says : COUNTS[key]);
