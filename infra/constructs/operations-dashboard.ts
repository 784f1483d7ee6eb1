import { Duration } from "aws-cdk-lib";
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IMetric,
  type IWidget,
  LogQueryWidget,
  Metric,
  Row,
} from "aws-cdk-lib/aws-cloudwatch";
import { StateTransitionMetric } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import type { CountKey, MeasureKey } from "../../shared/model/metrics.ts";
import { functions } from "../functions.ts";
import { type MonitoredResources, sluiceMetric } from "./alarm-conditions.ts";
import { named, namedOnce } from "./names.ts";

export interface OperationsDashboardProps {
  readonly alarms: readonly IAlarm[];
  readonly watched: MonitoredResources;
}

const PERIOD = Duration.minutes(5);
const WHOLE = 24;

const counts = (...keys: readonly CountKey[]): Metric[] =>
  keys.map((key) => sluiceMetric(key, "Sum", PERIOD));
const largest = (key: MeasureKey): Metric => sluiceMetric(key, "Maximum", PERIOD);

interface Graph {
  readonly title: string;
  readonly left: readonly IMetric[];
  readonly right?: readonly IMetric[];
  readonly stacked?: true;
}

/** A row of graphs. */
const row = (...graphs: readonly Graph[]): IWidget =>
  new Row(
    ...graphs.map(
      ({ title, left, right = [], stacked = false }) =>
        new GraphWidget({ title, width: WHOLE / graphs.length, left: [...left], right: [...right], stacked }),
    ),
  );

const runs = (): IWidget =>
  row(
    {
      title: "Records dispatched",
      left: counts("dispatchesStarted", "dispatchesQueued", "dispatchesRejected"),
    },
    { title: "Runs ended", left: counts("runsCompleted", "runsFailed", "runsCancelled") },
    { title: "Flows paused and resumed", left: counts("flowsPaused", "flowsResumed") },
    { title: "Drains", left: counts("drainWoken", "drainStarted", "drainsRestarted", "bulkJobsRestarted") },
  );

const calls = ({ gate, api }: MonitoredResources): IWidget[] => {
  const timed = { period: PERIOD } as const;
  return [
    row(
      { title: "Gates", left: [gate.metricInvocations(timed), ...counts("gatesRefused")] },
      {
        title: "Gates: milliseconds",
        left: ["p50", "p99"].map((statistic) =>
          gate.metricDuration({ ...timed, statistic, label: statistic }),
        ),
      },
      {
        title: "Failures, which are retried",
        left: counts("gateFailures", "taskFailures", "backgroundFailures"),
      },
    ),
    row(
      {
        title: "API",
        left: [
          api.metricCount({ ...timed, statistic: "Sum" }),
          api.metricClientError(timed),
          api.metricServerError(timed),
        ],
      },
      {
        title: "API: milliseconds",
        left: ["p50", "p99"].map((statistic) => api.metricLatency({ ...timed, statistic, label: statistic })),
      },
    ),
  ];
};

const sweeper = (): IWidget =>
  row(
    {
      title: "Repairs of the sweeper",
      stacked: true,
      left: counts(
        ...(["intentsRedone", "answersRedelivered", "deadlinesEnforced", "holdsLiftedBySweep"] as const),
        ...(["silentRunsClosed", "startsRepeated", "parksReleased", "runsGivenUp"] as const),
        ...(["tombstonesRemoved", "runsExpired", "sweepFailures"] as const),
      ),
    },
    {
      title: "Oldest overdue work, and lateness of automatic resumes: seconds",
      left: [largest("oldestOverdue"), largest("resumeLateness")],
      right: counts("sweepLeft"),
    },
  );

const limits = ({ gate, table }: MonitoredResources): IWidget =>
  row(
    {
      title: "Throttled",
      left: [
        ...counts("dynamoDbThrottles", "stepFunctionsThrottles", "schedulerThrottles", "eventBusThrottles"),
        gate.metricThrottles({ period: PERIOD, label: "Gates, by Lambda" }),
        StateTransitionMetric.metricThrottledEvents({ period: PERIOD, label: "State transitions" }),
        new Metric({
          ...{ namespace: "AWS/States", metricName: "ThrottledEvents", statistic: "Sum", period: PERIOD },
          dimensionsMap: { APIName: "StartExecution" },
          label: "StartExecution, whole account",
        }),
      ],
    },
    {
      title: "Table: capacity units",
      left: [
        table.metricConsumedReadCapacityUnits({ period: PERIOD }),
        table.metricConsumedWriteCapacityUnits({ period: PERIOD }),
      ],
    },
  );

const deliveries = ({ deadLetters, publisher }: MonitoredResources): IWidget =>
  row(
    {
      title: "Dead letters",
      left: Object.values(deadLetters).map((queue) =>
        queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: "Maximum" }),
      ),
    },
    {
      title: "Delay of events on their way to the bus: milliseconds",
      left: [publisher.metric("IteratorAge", { period: PERIOD, statistic: "Maximum" })],
    },
  );

/** Errors from all logs, newest first. The query runs whenever the dashboard is opened. */
const errors = (scope: Construct): IWidget =>
  new LogQueryWidget({
    title: "Errors in the logs",
    width: WHOLE,
    height: 8,
    logGroupNames: Object.values(functions).map(({ name }) => `/aws/lambda/${named(scope, name)}`),
    queryLines: [
      "fields @timestamp, function_name, message, workspace, flow, run, error.name, error.message",
      'filter level = "ERROR"',
      "sort @timestamp desc",
      "limit 50",
    ],
  });

/** The dashboard, with the most urgent rows at the top. It is within CloudWatch's free tier of three dashboards with 50 metrics. */
export class OperationsDashboard extends Dashboard {
  constructor(scope: Construct, id: string, { alarms, watched }: OperationsDashboardProps) {
    super(scope, id, { dashboardName: namedOnce(scope, "sluice"), defaultInterval: Duration.hours(3) });
    this.addWidgets(new AlarmStatusWidget({ title: "Alarms", width: WHOLE, height: 4, alarms: [...alarms] }));
    const widgets = [
      runs(),
      ...calls(watched),
      sweeper(),
      limits(watched),
      deliveries(watched),
      errors(this),
    ];
    for (const widget of widgets) this.addWidgets(widget);
  }
}
