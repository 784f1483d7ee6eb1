import { ArnFormat, Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { named, namedOnce } from "./names.ts";

/**
 * The ARNs of Sluice's own resources. All their names begin with the instance, so that a grant can name a resource before it exists,
 * a function can know its own ARN, and flows can be denied access to Sluice.
 */
const RESERVED_PREFIX = "sluice-";
/** The role that earlier releases gave to all machines. */
export const MACHINE_ROLE_NAME = "sluice-flows";
export const SCHEDULER_ROLE_NAME = "sluice-scheduler";
export const SCHEDULE_GROUP = "sluice";
export const SCHEDULE_DEAD_LETTERS = "sluice-schedule-dead-letters";
/** The account's default bus, which receives Sluice's events. */
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
  arn(scope, "lambda", "function", named(scope, name), ArnFormat.COLON_RESOURCE_NAME);

/** Every machine that Sluice creates, including its versions. `names` restricts them by what follows the prefix. */
export const machinesArn = (scope: Construct, names = "*"): string =>
  arn(
    scope,
    "states",
    "stateMachine",
    `${named(scope, RESERVED_PREFIX)}${names}`,
    ArnFormat.COLON_RESOURCE_NAME,
  );

/** Every Map run of the machines that Sluice creates: `<machine>/<label>:<id>`. */
export const mapRunsArn = (scope: Construct): string =>
  arn(scope, "states", "mapRun", `${named(scope, RESERVED_PREFIX)}*/*:*`, ArnFormat.COLON_RESOURCE_NAME);

/** Every machine in the account and region, Sluice's or not. */
export const everyMachineArn = (scope: Construct): string =>
  arn(scope, "states", "stateMachine", "*", ArnFormat.COLON_RESOURCE_NAME);

/** One of Sluice's own machines (drain, bulk). */
export const ownMachineArn = (scope: Construct, name: string): string =>
  arn(scope, "states", "stateMachine", named(scope, name), ArnFormat.COLON_RESOURCE_NAME);

export const ownExecutionsArn = (scope: Construct, name: string): string =>
  arn(scope, "states", "execution", `${named(scope, name)}:*`, ArnFormat.COLON_RESOURCE_NAME);

export const schedulesArn = (scope: Construct): string =>
  arn(scope, "scheduler", "schedule", `${named(scope, SCHEDULE_GROUP)}/*`, ArnFormat.SLASH_RESOURCE_NAME);

export const eventBusArn = (scope: Construct): string =>
  arn(scope, "events", "event-bus", EVENT_BUS, ArnFormat.SLASH_RESOURCE_NAME);

export const deadLettersArn = (scope: Construct): string =>
  Stack.of(scope).formatArn({
    service: "sqs",
    resource: named(scope, SCHEDULE_DEAD_LETTERS),
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });

export const executionsArn = (scope: Construct, machines = "*"): string =>
  arn(
    scope,
    "states",
    "execution",
    `${named(scope, RESERVED_PREFIX)}${machines}:*`,
    ArnFormat.COLON_RESOURCE_NAME,
  );

/** The prefix of every machine's ARN, where a pattern cannot contain a wildcard. */
export const machineArnPrefix = (scope: Construct): string =>
  arn(scope, "states", "stateMachine", named(scope, RESERVED_PREFIX), ArnFormat.COLON_RESOURCE_NAME);

const roleArn = (scope: Construct, name: string): string =>
  arn(scope, "iam", "role", namedOnce(scope, name), ArnFormat.SLASH_RESOURCE_NAME);

export const schedulerRoleArn = (scope: Construct): string => roleArn(scope, SCHEDULER_ROLE_NAME);

export const machineRoleName = (workspace: string): string => `${MACHINE_ROLE_NAME}-${workspace}`;

/** The role of the machines of a workspace, of a placeholder (`{workspace}`) or of all (`*`). */
export const machineRoleArn = (scope: Construct, workspace: string): string =>
  roleArn(scope, machineRoleName(workspace));

/** The role that earlier releases gave to the machines of all workspaces. */
export const sharedMachineRoleArn = (scope: Construct): string => roleArn(scope, MACHINE_ROLE_NAME);

/** The log group of flows' state machines. With this prefix, it takes no room in the region's resource policy for logs. */
export const flowLogName = (scope: Construct): string =>
  `/aws/vendedlogs/states/${named(scope, "sluice-flows")}`;

/** As Step Functions wants it: with all its streams. */
export const flowLogArn = (scope: Construct): string =>
  arn(scope, "logs", "log-group", `${flowLogName(scope)}:*`, ArnFormat.COLON_RESOURCE_NAME);

/** Sluice's table and its indexes. */
export const tableArns = (scope: Construct): string[] =>
  ["", "/*"].map((part) =>
    arn(scope, "dynamodb", "table", `${named(scope, "sluice")}${part}`, ArnFormat.SLASH_RESOURCE_NAME),
  );

/** The task role of a workspace, of a placeholder (`{workspace}`) or of all (`*`). */
export const taskRoleArn = (scope: Construct, workspace: string): string =>
  roleArn(scope, `${TASK_ROLE_PREFIX}${workspace}`);
