import { ArnFormat, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";

/**
 * ARNs of what Sluice names itself. Everything that it owns begins with `sluice-`, so that a grant can be written before the thing
 * exists, a function can be told its own ARN, and a flow can be kept from calling Sluice.
 */
const RESERVED_PREFIX = "sluice-";
export const MACHINE_ROLE_NAME = "sluice-flows";
export const SCHEDULER_ROLE_NAME = "sluice-scheduler";
export const SCHEDULE_GROUP = "sluice";
export const SCHEDULE_DEAD_LETTERS = "sluice-schedule-dead-letters";
/** Sluice's events go to the account's default bus, where rules are usually made. */
export const EVENT_BUS = "default";
export const TASK_ROLE_PREFIX = "sluice-task-";

const arn = (
  scope: Construct,
  service: string,
  resource: string,
  resourceName: string,
  arnFormat: ArnFormat,
): string =>
  Stack.of(scope).formatArn({
    service,
    resource,
    resourceName,
    arnFormat,
    ...(service === "iam" ? { region: "" } : {}),
  });

export const functionArn = (scope: Construct, name: string): string =>
  arn(scope, "lambda", "function", name, ArnFormat.COLON_RESOURCE_NAME);

/** Every machine that Sluice makes, its versions included. */
export const machinesArn = (scope: Construct): string =>
  arn(scope, "states", "stateMachine", `${RESERVED_PREFIX}*`, ArnFormat.COLON_RESOURCE_NAME);

/** A machine that is no flow's. */
export const ownMachineArn = (scope: Construct, name: string): string =>
  arn(scope, "states", "stateMachine", name, ArnFormat.COLON_RESOURCE_NAME);

export const ownExecutionsArn = (scope: Construct, name: string): string =>
  arn(scope, "states", "execution", `${name}:*`, ArnFormat.COLON_RESOURCE_NAME);

export const schedulesArn = (scope: Construct): string =>
  arn(scope, "scheduler", "schedule", `${SCHEDULE_GROUP}/*`, ArnFormat.SLASH_RESOURCE_NAME);

export const eventBusArn = (scope: Construct): string =>
  arn(scope, "events", "event-bus", EVENT_BUS, ArnFormat.SLASH_RESOURCE_NAME);

export const deadLettersArn = (scope: Construct): string =>
  Stack.of(scope).formatArn({
    service: "sqs",
    resource: SCHEDULE_DEAD_LETTERS,
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });

export const executionsArn = (scope: Construct): string =>
  arn(scope, "states", "execution", `${RESERVED_PREFIX}*:*`, ArnFormat.COLON_RESOURCE_NAME);

/** What every machine's ARN begins with; for patterns that take a prefix and no wildcard. */
export const machineArnPrefix = (scope: Construct): string =>
  arn(scope, "states", "stateMachine", RESERVED_PREFIX, ArnFormat.COLON_RESOURCE_NAME);

const roleArn = (scope: Construct, name: string): string =>
  arn(scope, "iam", "role", name, ArnFormat.SLASH_RESOURCE_NAME);

export const schedulerRoleArn = (scope: Construct): string => roleArn(scope, SCHEDULER_ROLE_NAME);

export const machineRoleArn = (scope: Construct): string => roleArn(scope, MACHINE_ROLE_NAME);

/** Task role of a workspace; also of none yet (`{workspace}`) or of all (`*`). */
export const taskRoleArn = (scope: Construct, workspace: string): string =>
  roleArn(scope, `${TASK_ROLE_PREFIX}${workspace}`);
