/**
 * Sluice's Lambda functions: one bundle per set of grants. The CDK stack deploys them, the local stack loads the same files.
 * Their names begin with `sluice-`; a user's flow may never call them.
 */
export interface FunctionDefinition {
  readonly name: string;
  /** Source file that exports `handler`, relative to the project's root. */
  readonly entry: string;
  /** What it may do with the table; `stream`: it is told of the table's changes, and may do nothing with the table itself. */
  readonly table: "none" | "stream" | "read" | "read-write";
  /** Whether it deletes what stands for whole runs or flows. */
  readonly purges?: true;
  /** Step Functions actions on Sluice's own machines and their executions. */
  readonly states: readonly string[];
  /** Step Functions actions on the drain machine and its executions. */
  readonly drain?: readonly ("StartExecution" | "DescribeExecution")[];
  /** The same on the machine of bulk operations. */
  readonly bulk?: readonly ("StartExecution" | "DescribeExecution")[];
  /** What it may do with the schedules of Sluice's group. */
  readonly schedules?: readonly ("CreateSchedule" | "DeleteSchedule")[];
  /** Whether it tells the event bus something. */
  readonly events?: true;
}

export const functions = {
  openapi: { name: "sluice-openapi", entry: "functions/api/openapi.ts", table: "none", states: [] },
  read: {
    name: "sluice-read",
    entry: "functions/api/read.ts",
    table: "read-write", // it keeps what it learnt from an execution's history
    states: ["DescribeExecution", "GetExecutionHistory"],
  },
  publish: {
    name: "sluice-publish",
    entry: "functions/api/publish.ts",
    table: "read-write",
    states: [
      "CreateStateMachine",
      "UpdateStateMachine",
      "DeleteStateMachine",
      "PublishStateMachineVersion",
      "StartExecution",
      "StopExecution",
      "DescribeExecution",
      "GetExecutionHistory",
    ],
    purges: true,
    schedules: ["CreateSchedule", "DeleteSchedule"], // a replay may meet the throughput cap
  },
  dispatch: {
    name: "sluice-dispatch",
    entry: "functions/api/dispatch.ts",
    table: "read-write",
    states: ["StartExecution", "StopExecution", "DescribeExecution"],
    schedules: ["CreateSchedule", "DeleteSchedule"], // the throughput cap
  },
  holds: {
    name: "sluice-holds",
    entry: "functions/api/holds.ts",
    table: "read-write",
    states: [],
    drain: ["StartExecution"],
    schedules: ["CreateSchedule", "DeleteSchedule"],
  },
  control: {
    name: "sluice-control",
    entry: "functions/api/control.ts",
    table: "read-write",
    states: [
      "StartExecution",
      "StopExecution",
      "SendTaskSuccess",
      "SendTaskFailure",
      "DescribeExecution",
      "GetExecutionHistory",
    ],
    purges: true,
  },
  bulk: {
    name: "sluice-bulk",
    entry: "functions/api/bulk.ts",
    table: "read-write",
    states: [],
    bulk: ["StartExecution"],
  },
  admin: { name: "sluice-admin", entry: "functions/api/admin.ts", table: "read-write", states: [] },
  gate: {
    name: "sluice-gate",
    entry: "functions/tasks/gate.ts",
    table: "read-write",
    states: ["GetExecutionHistory"], // how long it is, in flows that loop
    schedules: ["CreateSchedule", "DeleteSchedule"], // the spend cap
  },
  park: {
    name: "sluice-park",
    entry: "functions/tasks/park.ts",
    table: "read-write",
    states: ["SendTaskSuccess"],
  },
  humanStep: {
    name: "sluice-human-step",
    entry: "functions/tasks/human-step.ts",
    table: "read-write",
    states: [],
  },
  handOver: {
    name: "sluice-hand-over",
    entry: "functions/tasks/continue-as-new.ts",
    table: "read-write",
    states: [
      "StartExecution",
      "StopExecution", // a run that was ended during the start
      "DescribeExecution",
      "SendTaskSuccess", // an unfinished wake that its intent took in
      "GetExecutionHistory",
    ],
  },
  drain: {
    name: "sluice-drain",
    entry: "functions/tasks/drain.ts",
    table: "read-write",
    states: ["StartExecution", "StopExecution", "DescribeExecution", "SendTaskSuccess"],
    drain: ["StartExecution"],
  },
  bulkBatch: {
    name: "sluice-bulk-batch",
    entry: "functions/tasks/bulk-batch.ts",
    table: "read-write",
    purges: true,
    states: [
      "CreateStateMachine", // a replay of a replay that began at a state
      "StartExecution",
      "StopExecution",
      "SendTaskSuccess",
      "DescribeExecution",
      "GetExecutionHistory",
    ],
    bulk: ["StartExecution"],
    schedules: ["CreateSchedule", "DeleteSchedule"], // a replay may meet the throughput cap
  },
  autoResume: {
    name: "sluice-auto-resume",
    entry: "functions/schedules/auto-resume.ts",
    table: "read-write",
    states: [],
    drain: ["StartExecution"],
    schedules: ["CreateSchedule", "DeleteSchedule"],
  },
  warning: {
    name: "sluice-warning",
    entry: "functions/schedules/warning.ts",
    table: "read",
    states: [],
    events: true,
  },
  sweep: {
    name: "sluice-sweep",
    entry: "functions/schedules/sweep.ts",
    table: "read-write",
    states: [
      "DeleteStateMachine",
      "StartExecution",
      "StopExecution",
      "SendTaskSuccess",
      "SendTaskFailure",
      "DescribeExecution",
      "GetExecutionHistory",
    ],
    purges: true,
    drain: ["StartExecution", "DescribeExecution"],
    bulk: ["StartExecution", "DescribeExecution"],
    schedules: ["DeleteSchedule"],
  },
  publishChanges: {
    name: "sluice-publish-changes",
    entry: "functions/events/publish-changes.ts",
    table: "stream",
    states: [],
    events: true,
  },
  executionClosed: {
    name: "sluice-execution-closed",
    entry: "functions/events/execution-closed.ts",
    table: "read-write",
    states: ["DescribeExecution", "GetExecutionHistory"],
  },
} as const satisfies Record<string, FunctionDefinition>;
