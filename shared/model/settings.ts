/**
 * Environment variables of the functions. The CDK app sets them and the functions' dependencies read them once. Both import the
 * names from here.
 */
export const SETTINGS = {
  table: "SLUICE_TABLE",
  /** The first part of all names of this Sluice in its account. */
  instance: "SLUICE_INSTANCE",
  /** `arn:aws:states:<region>:<account>`: execution and machine ARNs are made from it. */
  statesArnPrefix: "SLUICE_STATES_ARN_PREFIX",
  /**
   * Role of a workspace's state machines. `{workspace}` is replaced by its name. Sluice may not pass any other role to them.
   */
  machineRoleArn: "SLUICE_MACHINE_ROLE_ARN",
  gateArn: "SLUICE_GATE_ARN",
  parkArn: "SLUICE_PARK_ARN",
  humanStepArn: "SLUICE_HUMAN_STEP_ARN",
  handOverArn: "SLUICE_HAND_OVER_ARN",
  /** EventBridge Scheduler: the group of Sluice's schedules, the role with which they call functions, and the queue of undelivered events. */
  scheduleGroup: "SLUICE_SCHEDULE_GROUP",
  schedulerRoleArn: "SLUICE_SCHEDULER_ROLE_ARN",
  deadLetterArn: "SLUICE_DEAD_LETTER_ARN",
  /** Functions that schedules call at the end of a hold and a day before it. */
  autoResumeArn: "SLUICE_AUTO_RESUME_ARN",
  warningArn: "SLUICE_WARNING_ARN",
  /** Function that takes records in: the target of triggers' schedules. */
  intakeArn: "SLUICE_INTAKE_ARN",
  /** Function that waits for the end of a run. */
  waitArn: "SLUICE_WAIT_ARN",
  /** State machine that drains flows. */
  drainMachineArn: "SLUICE_DRAIN_MACHINE_ARN",
  /** State machine of bulk operations, and how many runs per second they process by default. */
  bulkMachineArn: "SLUICE_BULK_MACHINE_ARN",
  bulkRate: "SLUICE_BULK_RATE",
  /** JSON of `MachineOptions`, with which the machines of flows are created. Only functions that create machines have it. */
  machineOptions: "SLUICE_MACHINE_OPTIONS",
  /** Name of the bus to which Sluice publishes its events. */
  eventBus: "SLUICE_EVENT_BUS",
  /** Number of events in an execution's history at which a looping run continues as new. */
  historyMark: "SLUICE_HISTORY_MARK",
  /**
   * Task role of a workspace. `{workspace}` is replaced by its name. If empty, tasks run with the state machine's role (local
   * stack).
   */
  taskRoleArn: "SLUICE_TASK_ROLE_ARN",
  /** JSON array of resource patterns that flows may use in addition to Lambda functions. */
  allowedResources: "SLUICE_ALLOWED_RESOURCES",
  /** JSON: the patterns of the state machine names that each workspace may attach, and whether these machines need a tag. */
  attachable: "SLUICE_ATTACHABLE",
  /** JSON: the patterns of the names of the functions whose output each workspace may read. Only the function that answers reads has it. */
  stepLogs: "SLUICE_STEP_LOGS",
  /** Claim of platform administrators, and the value that it must be or contain. */
  platformClaim: "SLUICE_PLATFORM_CLAIM",
  platformValue: "SLUICE_PLATFORM_VALUE",
  /** Claim that lists the workspaces of a machine client. With `scope`, its scopes `workspaces/<name>` list them. */
  workspacesClaim: "SLUICE_WORKSPACES_CLAIM",
} as const;
