/**
 * What a deployment sets, read from the environment once, in the composition root.
 * The names stand here so that infrastructure and functions cannot disagree.
 */
export const SETTINGS = {
  table: "SLUICE_TABLE",
  /** `arn:aws:states:<region>:<account>`: execution and machine ARNs are made from it. */
  statesArnPrefix: "SLUICE_STATES_ARN_PREFIX",
  /** Role of the flows' state machines; the one role that may be passed. */
  machineRoleArn: "SLUICE_MACHINE_ROLE_ARN",
  gateArn: "SLUICE_GATE_ARN",
  parkArn: "SLUICE_PARK_ARN",
  humanStepArn: "SLUICE_HUMAN_STEP_ARN",
  handOverArn: "SLUICE_HAND_OVER_ARN",
  /** EventBridge Scheduler: the group of Sluice's schedules, the role that they call with, and where lost events go. */
  scheduleGroup: "SLUICE_SCHEDULE_GROUP",
  schedulerRoleArn: "SLUICE_SCHEDULER_ROLE_ARN",
  deadLetterArn: "SLUICE_DEAD_LETTER_ARN",
  /** Functions that schedules call: the end of a hold, and the warning a day before it. */
  autoResumeArn: "SLUICE_AUTO_RESUME_ARN",
  warningArn: "SLUICE_WARNING_ARN",
  /** State machine that starts what a held flow has queued. */
  drainMachineArn: "SLUICE_DRAIN_MACHINE_ARN",
  /** State machine that works through bulk operations, and how many runs a second it takes unless a request says. */
  bulkMachineArn: "SLUICE_BULK_MACHINE_ARN",
  bulkRate: "SLUICE_BULK_RATE",
  /** Name of the bus that Sluice's own events go to. */
  eventBus: "SLUICE_EVENT_BUS",
  /** Events of an execution's history at which a looping run goes on in a fresh one. */
  historyMark: "SLUICE_HISTORY_MARK",
  /** Task role of a workspace; `{workspace}` stands for its name. Empty: user tasks run with the machine's role (local stack). */
  taskRoleArn: "SLUICE_TASK_ROLE_ARN",
  /** JSON list of resource patterns beyond Lambda functions that flows may use. */
  allowedResources: "SLUICE_ALLOWED_RESOURCES",
  /** Claim that makes a token a platform administrator's, where it is, or holds, this value. */
  platformClaim: "SLUICE_PLATFORM_CLAIM",
  platformValue: "SLUICE_PLATFORM_VALUE",
  /** Claim that lists the workspaces of a machine client; `scope`: its scopes `workspaces/<name>` do. */
  workspacesClaim: "SLUICE_WORKSPACES_CLAIM",
} as const;
