import type { INDEXES } from "../shared/store/table-definition.ts";

/**
 * Sluice's Lambda functions: one bundle per set of grants. The CDK stack deploys them, and the local stack runs their handlers.
 * Their names begin with `sluice-`; a user's flow may never call them.
 */
export interface FunctionDefinition {
  readonly name: string;
  /** Its access to the table. With `stream`, it receives the table's changes and cannot access the table itself. */
  readonly table: "none" | "stream" | "read" | "read-write";
  /** The table's indexes that it queries. */
  readonly indexes?: readonly (keyof typeof INDEXES)[];
  /** Whether it deletes all items of runs or flows. */
  readonly purges?: true;
  /** Step Functions actions on Sluice's own machines and their executions. */
  readonly states?: readonly string[];
  /** Step Functions actions on attached state machines, in addition to those on their executions in `states`. */
  readonly teams?: readonly string[];
  /** Step Functions actions on the drain machine and its executions. */
  readonly drain?: readonly ("StartExecution" | "DescribeExecution")[];
  /** Step Functions actions on the machine of bulk operations and its executions. */
  readonly bulk?: readonly ("StartExecution" | "DescribeExecution")[];
  /** Its actions on schedules of Sluice's group. */
  readonly schedules?: readonly ("CreateSchedule" | "DeleteSchedule")[];
  /** The function of Sluice that it invokes. */
  readonly invokes?: "wait";
  /** Whether it attaches flows to state machines of others, and therefore examines the permissions of their roles. */
  readonly attaches?: true;
  /** Whether it reads what functions of flows print, as far as the deployer allows. */
  readonly logs?: true;
  /** Whether it puts events on the event bus. */
  readonly events?: true;
}

/** The actions to start, end and follow executions, and to answer their task tokens. */
const CONTROL_EXECUTIONS = [
  "StartExecution",
  "StopExecution",
  "SendTaskSuccess",
  "SendTaskFailure",
  "DescribeExecution",
  "GetExecutionHistory",
] as const;

/** Schedules the end of the error cap's hold: a run that cannot be started, or whose execution has ended, fails here. */
const FAILS_RUNS = ["CreateSchedule", "DeleteSchedule"] as const;

/** An open incident holds a flow that is attached or registered meanwhile. */
const HOLDS_NEW_VERSIONS = {
  drain: ["StartExecution"],
  schedules: ["CreateSchedule", "DeleteSchedule"],
} as const;

export const functions = {
  openapi: { name: "sluice-openapi", table: "none" },
  read: {
    name: "sluice-read",
    table: "read-write", // it stores what it reads from an execution's history
    indexes: ["byFlow", "byStatus", "attention", "byFailure"],
    states: ["DescribeExecution", "GetExecutionHistory", "ListMapRuns", "DescribeMapRun"],
    teams: ["DescribeStateMachine", "DescribeStateMachineAlias"], // whether an attached flow has drifted
    logs: true,
  },
  publish: {
    name: "sluice-publish",
    table: "read-write",
    indexes: ["byStatus", "byFlow"], // open runs of a flow that is to be deleted; byFlow: whether inline gates know holds on steps
    states: [
      "CreateStateMachine",
      "UpdateStateMachine",
      "DeleteStateMachine",
      "PublishStateMachineVersion",
      "DeleteStateMachineVersion", // prunes old versions before the flow reaches the quota
      "StartExecution",
      "StopExecution",
      "DescribeExecution",
      "GetExecutionHistory",
      "SendTaskSuccess", // a slot that goes to a native run
    ],
    teams: ["DescribeStateMachine"], // whether a run can continue on an attached machine
    purges: true,
    drain: ["StartExecution"], // an open incident that holds states beside a drain
    schedules: ["CreateSchedule", "DeleteSchedule"], // a replay may reach the throughput cap; an open incident holds a new version
  },
  attach: {
    name: "sluice-attach",
    table: "read-write",
    indexes: ["byStatus", "byFlow"], // open runs before a flow is detached; byFlow: as for publish
    states: ["GetExecutionHistory"], // counts the state transitions of a run
    attaches: true,
    ...HOLDS_NEW_VERSIONS,
    teams: [
      "DescribeStateMachine",
      "UpdateStateMachine",
      "PublishStateMachineVersion",
      "ListStateMachineVersions",
      "ListStateMachineAliases",
      "DescribeStateMachineAlias",
      "UpdateStateMachineAlias",
      "ListTagsForResource",
      "ListExecutions",
    ],
  },
  register: {
    name: "sluice-register",
    table: "read-write",
    indexes: ["byStatus", "byFlow"], // the same for a flow of a template
    states: [
      "CreateStateMachine", // publishes flows of templates
      "UpdateStateMachine",
      "PublishStateMachineVersion",
      "DeleteStateMachineVersion",
    ],
    attaches: true,
    ...HOLDS_NEW_VERSIONS,
    teams: ["DescribeStateMachine", "ListTagsForResource"], // binds deployed machines, and never writes into them
  },
  dispatch: {
    name: "sluice-dispatch",
    table: "read-write",
    states: [
      "StartExecution",
      "StopExecution",
      "DescribeExecution",
      "SendTaskSuccess", // a slot that goes to a native run
    ],
    schedules: ["CreateSchedule", "DeleteSchedule"], // the throughput cap
    invokes: "wait", // `Prefer: wait`
  },
  intake: {
    name: "sluice-intake",
    table: "read-write",
    states: [
      "StartExecution",
      "StopExecution", // a queued run that a newer record of its trigger replaces
      "SendTaskSuccess",
      "DescribeExecution",
    ],
    schedules: ["CreateSchedule", "DeleteSchedule"], // the throughput cap
  },
  wait: {
    name: "sluice-wait",
    table: "read-write", // it stores an output that it reads from an execution
    states: ["DescribeExecution"],
  },
  holds: {
    name: "sluice-holds",
    table: "read-write",
    indexes: ["byStatus", "byFlow"], // runs with a step that still finishes, and those that a new limit counts; byFlow: as for publish
    teams: ["DescribeStateMachine", "DescribeStateMachineAlias"], // whether an attached flow has drifted
    drain: ["StartExecution"],
    bulk: ["StartExecution"], // goes on with a large incident
    schedules: ["CreateSchedule", "DeleteSchedule"],
  },
  control: {
    name: "sluice-control",
    table: "read-write",
    states: [
      ...CONTROL_EXECUTIONS,
      "DescribeMapRun",
      "ListMapRuns",
      "CreateStateMachine", // creates the arrival machine on which a run continues at another state
      "TestState", // says what a resume would call next; without a role, so it can call nothing
    ],
    teams: ["DescribeStateMachine"], // whether a run can continue on an attached machine
    schedules: FAILS_RUNS,
    purges: true,
  },
  bulk: {
    name: "sluice-bulk",
    table: "read-write",
    indexes: ["byFlow", "byStatus", "byFailure"],
    bulk: ["StartExecution"],
  },
  admin: { name: "sluice-admin", table: "read-write" },
  gate: {
    name: "sluice-gate",
    table: "read-write",
    states: [
      "GetExecutionHistory", // the history's length, in flows that loop
      "DescribeExecution", // reads the payload of a native start
      // the end of a run hands its slot to the next one
      "StartExecution",
      "StopExecution",
      "SendTaskSuccess",
    ],
    schedules: ["CreateSchedule", "DeleteSchedule"], // the spend cap and the error cap
  },
  park: {
    name: "sluice-park",
    table: "read-write",
    states: [
      "SendTaskSuccess",
      "SendTaskFailure", // fails an execution without a run at an inline gate
      "StopExecution", // a run that is over
      "DescribeExecution", // whether it was redriven; also before stopping a native execution
    ],
  },
  humanStep: { name: "sluice-human-step", table: "read-write" },
  handOver: {
    name: "sluice-hand-over",
    table: "read-write",
    states: [
      "StartExecution",
      "StopExecution", // a run that ended during the start
      "DescribeExecution",
      "SendTaskSuccess", // an unfinished wake that its intent took over
      "GetExecutionHistory",
    ],
    schedules: FAILS_RUNS,
  },
  drain: {
    name: "sluice-drain",
    table: "read-write",
    indexes: ["byStatus"], // runs that a new concurrency limit counts
    states: ["StartExecution", "StopExecution", "DescribeExecution", "SendTaskSuccess"],
    drain: ["StartExecution"],
    schedules: FAILS_RUNS,
  },
  bulkBatch: {
    name: "sluice-bulk-batch",
    table: "read-write",
    indexes: ["byFlow", "byStatus", "byFailure"], // selection that the request had no time for
    purges: true,
    states: [
      "CreateStateMachine", // a replay of a replay that began at a state
      "UpdateStateMachine", // restores a pruned version for a replay
      "PublishStateMachineVersion",
      "StartExecution",
      "StopExecution",
      "SendTaskSuccess",
      "DescribeExecution",
      "GetExecutionHistory",
      "DescribeMapRun", // whether all of a Distributed Map has stopped
      "ListMapRuns",
    ],
    teams: ["DescribeStateMachine"], // whether a run can continue on an attached machine
    bulk: ["StartExecution"],
    drain: ["StartExecution"], // the lifted holds of an incident
    schedules: ["CreateSchedule", "DeleteSchedule"], // a replay may reach the throughput cap; an incident's holds
  },
  autoResume: {
    name: "sluice-auto-resume",
    table: "read-write",
    indexes: ["byStatus", "byFlow"], // the versions that a planned hold on steps lists; byFlow: as for publish
    drain: ["StartExecution"],
    schedules: ["CreateSchedule", "DeleteSchedule"],
  },
  warning: {
    name: "sluice-warning",
    table: "read",
    events: true,
  },
  sweep: {
    name: "sluice-sweep",
    table: "read-write",
    indexes: ["due", "byStatus", "byFlow"], // byStatus: to finish the deletion of a flow; both: planned holds on steps
    states: [
      "DeleteStateMachine",
      ...CONTROL_EXECUTIONS,
      "CreateStateMachine", // the arrival machine of a run that has been parked for eleven months
    ],
    teams: [
      "DescribeStateMachine", // drift
      // an attach or a detach whose process died
      "UpdateStateMachine",
      "PublishStateMachineVersion",
      "DescribeStateMachineAlias",
      "UpdateStateMachineAlias",
    ],
    purges: true,
    drain: ["StartExecution", "DescribeExecution"],
    bulk: ["StartExecution", "DescribeExecution"],
    schedules: FAILS_RUNS,
    events: true, // overdue runs
  },
  publishChanges: {
    name: "sluice-publish-changes",
    table: "stream",
    events: true,
  },
  executionClosed: {
    name: "sluice-execution-closed",
    table: "read-write",
    states: [
      "DescribeExecution",
      "GetExecutionHistory",
      // the end of a run hands its slot to the next one
      "StartExecution",
      "StopExecution",
      "SendTaskSuccess",
    ],
    schedules: FAILS_RUNS,
  },
} as const satisfies Record<string, FunctionDefinition>;

export type FunctionKey = keyof typeof functions;
