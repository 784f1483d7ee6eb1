import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Attachable } from "../../functions/dependencies/settings.ts";
import { tableStream } from "../../infra/event-sources.ts";
import { functions } from "../../infra/functions.ts";
import { routes } from "../../infra/routes.ts";
import { ROLES } from "../../shared/model/access.ts";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { HISTORY_MARK } from "../../shared/model/limits.ts";
import {
  BULK_MACHINE,
  bulkDefinition,
  DRAIN_MACHINE,
  drainDefinition,
} from "../../shared/model/machines/loop-machine.ts";
import { DEFAULT_INSTANCE } from "../../shared/model/machines/machine-names.ts";
import { SETTINGS } from "../../shared/model/settings.ts";
import { iso } from "../../shared/model/time/clock.ts";
import { Table } from "../../shared/store/table.ts";
import { KEY } from "../../shared/store/table-definition.ts";
import { WorkspaceStore } from "../../shared/store/workspace/workspaces.ts";
import { ACCOUNT, functionArn, REGION } from "../aws/function-name.ts";
import { tableDefinition } from "../dynamodb/table.ts";
import { PLATFORM_ADMIN_CLAIM, PLATFORM_USER, WORKSPACES_CLAIM } from "../identity/tokens.ts";
import type { Composition, RunningStack } from "../stack/composition.ts";
import { isGranted } from "./own-grants.ts";
import { type CreateDependencies, localDependencies, ownHandlers } from "./own-handlers.ts";

const TABLE = "sluice";
const SCHEDULE_GROUP = "sluice";
const machineArn = (name: string): string => `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:${name}`;
const SCHEDULER_ROLE = `arn:aws:iam::${ACCOUNT}:role/sluice-scheduler`;

/** Returns the parts of the local stack: the functions, routes and table that are deployed to AWS. */
export function compose(
  createDependencies: CreateDependencies = localDependencies,
  allow: readonly string[] = [],
  attachable?: readonly string[],
): Composition {
  return {
    functions: ownHandlers(createDependencies),
    isGranted,
    routes: routes.map((route) => ({ ...route, function: functions[route.function].name })),
    table: tableDefinition(TABLE),
    environment: environment(allow, attachable),
    users: [...ROLES, PLATFORM_USER],
    statusChangeFunction: functions.executionClosed.name,
    intakeFunction: functions.intake.name,
    stream: {
      ...tableStream,
      ...{ function: functions[tableStream.function].name, table: TABLE, key: Object.values(KEY) },
      ...{ revision: "rev", oldAttributes: ["status"] },
    },
    prepare,
  };
}

function environment(
  allow: readonly string[],
  patterns: readonly string[] | undefined,
): Record<string, string> {
  const attachable: Attachable = { patterns: { "*": patterns ?? ["*"] }, tagged: patterns !== undefined };
  const values: Readonly<Record<keyof typeof SETTINGS, string>> = {
    table: TABLE,
    instance: DEFAULT_INSTANCE,
    statesArnPrefix: `arn:aws:states:${REGION}:${ACCOUNT}`,
    machineRoleArn: `arn:aws:iam::${ACCOUNT}:role/sluice-flows-{workspace}`,
    gateArn: functionArn(functions.gate.name),
    parkArn: functionArn(functions.park.name),
    humanStepArn: functionArn(functions.humanStep.name),
    handOverArn: functionArn(functions.handOver.name),
    scheduleGroup: SCHEDULE_GROUP,
    schedulerRoleArn: SCHEDULER_ROLE,
    deadLetterArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:sluice-schedule-dead-letters`,
    autoResumeArn: functionArn(functions.autoResume.name),
    warningArn: functionArn(functions.warning.name),
    intakeArn: functionArn(functions.intake.name),
    waitArn: functionArn(functions.wait.name),
    drainMachineArn: machineArn(DRAIN_MACHINE),
    bulkMachineArn: machineArn(BULK_MACHINE),
    bulkRate: "100",
    machineOptions: "",
    eventBus: "default",
    historyMark: String(HISTORY_MARK),
    taskRoleArn: "",
    allowedResources: JSON.stringify(allow),
    attachable: JSON.stringify(attachable),
    stepLogs: "{}",
    platformClaim: PLATFORM_ADMIN_CLAIM,
    platformValue: "true",
    workspacesClaim: WORKSPACES_CLAIM,
  };
  const names: Readonly<Record<string, string>> = SETTINGS;
  return {
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [names[key] ?? key, value])),
    // A terminal shows only warnings and errors.
    POWERTOOLS_LOG_LEVEL: process.env["POWERTOOLS_LOG_LEVEL"] ?? "WARN",
  };
}

async function prepare(stack: RunningStack): Promise<void> {
  await prepareWorkspace(stack, TABLE);
  await scheduleSweeper();
  await makeMachine(DRAIN_MACHINE, drainDefinition(functionArn(functions.drain.name)));
  await makeMachine(BULK_MACHINE, bulkDefinition(functionArn(functions.bulkBatch.name)));
  if (stack.options.flows !== undefined) await publishFolder(stack, stack.options.flows);
}

/** Creates the schedule that the CDK stack creates on AWS. */
async function scheduleSweeper(): Promise<void> {
  const { ConflictException, CreateScheduleCommand, CreateScheduleGroupCommand, SchedulerClient } =
    await import("@aws-sdk/client-scheduler");
  const client = new SchedulerClient({});
  const unlessItExists = (error: unknown): void => {
    if (!(error instanceof ConflictException)) throw error;
  };
  try {
    await client.send(new CreateScheduleGroupCommand({ Name: SCHEDULE_GROUP })).catch(unlessItExists);
    const schedule = new CreateScheduleCommand({
      GroupName: SCHEDULE_GROUP,
      Name: functions.sweep.name,
      ScheduleExpression: "rate(1 minute)",
      FlexibleTimeWindow: { Mode: "OFF" },
      Target: {
        Arn: functionArn(functions.sweep.name),
        RoleArn: SCHEDULER_ROLE,
        RetryPolicy: { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 60 },
      },
    });
    await client.send(schedule).catch(unlessItExists);
  } finally {
    client.destroy();
  }
}

/** Creates or updates a state machine that the CDK stack creates on AWS. */
async function makeMachine(name: string, text: JsonObject): Promise<void> {
  const { CreateStateMachineCommand, SFNClient, StateMachineAlreadyExists, UpdateStateMachineCommand } =
    await import("@aws-sdk/client-sfn");
  const client = new SFNClient({});
  const definition = JSON.stringify(text);
  const roleArn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
  try {
    await client.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  } catch (error) {
    if (!(error instanceof StateMachineAlreadyExists)) throw error;
    await client.send(
      new UpdateStateMachineCommand({ stateMachineArn: machineArn(name), definition, roleArn }),
    );
  } finally {
    client.destroy();
  }
}

async function publishFolder(stack: RunningStack, folder: string): Promise<void> {
  const { FlowFolder } = await import("./flow-folder.ts");
  const flows = new FlowFolder(stack, folder);
  stack.onClose(() => flows.close());
  flows.watch();
  await flows.publishChanges();
}

/** Creates the default workspace with a user for each role, named after the role. An existing workspace is not changed. */
async function prepareWorkspace({ workspace, clock }: RunningStack, tableName: string): Promise<void> {
  const client = new DynamoDBClient({});
  try {
    const times = { createdAt: iso(clock.now()), updatedAt: iso(clock.now()) };
    await new WorkspaceStore(new Table(client, tableName)).create(
      { workspace, name: workspace, ...times },
      ROLES.map((role) => ({ userId: role, role, permissions: [], ...times })),
    );
  } finally {
    client.destroy();
  }
}
