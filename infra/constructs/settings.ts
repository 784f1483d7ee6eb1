import { Stack } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { HISTORY_MARK } from "../../shared/model/limits.ts";
import { BULK_MACHINE, DRAIN_MACHINE } from "../../shared/model/machines/loop-machine.ts";
import { SETTINGS } from "../../shared/model/settings.ts";
import type { MachineOptions } from "../../shared/outbound/ports.ts";
import { type FunctionDefinition, functions } from "../functions.ts";
import type { Attachable } from "./attached/machines.ts";
import type { TableReference } from "./grants.ts";
import { instanceOf, named } from "./names.ts";
import {
  deadLettersArn,
  EVENT_BUS,
  flowLogArn,
  functionArn,
  machineRoleArn,
  ownMachineArn,
  SCHEDULE_GROUP,
  schedulerRoleArn,
  taskRoleArn,
} from "./reserved-arns.ts";

/** The deployer's settings that change the functions' behavior. */
export interface FunctionParameters {
  readonly platformClaim: string;
  readonly platformValue: string;
  readonly workspacesClaim: string;
  readonly allowedResources: readonly string[];
  readonly bulkRate: number;
  /** Patterns of the names of the state machines that each workspace may attach. */
  readonly attachable: Attachable;
  /** Patterns of the names of the functions whose output each workspace may read. */
  readonly stepLogs: Readonly<Record<string, readonly string[]>>;
  readonly flowLogLevel?: "OFF" | "FATAL" | "ERROR" | "ALL" | undefined;
  readonly flowTracing?: boolean | undefined;
  readonly kmsKeyArn?: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** Settings of functions that compile flows and create their machines. */
const OF_COMPILERS: ReadonlySet<string> = new Set(["allowedResources", "machineOptions"]);

const machineOptionsOf = (
  scope: Construct,
  { flowLogLevel, flowTracing, kmsKeyArn, tags }: FunctionParameters,
): MachineOptions => ({
  ...(flowLogLevel !== undefined && {
    logging: { level: flowLogLevel, logGroupArn: flowLogArn(scope) },
  }),
  ...(flowTracing !== undefined && { tracing: flowTracing }),
  ...(kmsKeyArn !== undefined && { kmsKeyArn }),
  ...(Object.keys(tags).length > 0 && { tags }),
});

/**
 * The environment of every function that uses the table. A new setting without a value here does not compile. ARNs are built
 * from reserved names, because a function cannot refer to itself or to a later stack.
 */
export const environmentOf = (
  scope: Construct,
  table: TableReference,
  parameters: FunctionParameters,
  { states, attaches, logs }: Pick<FunctionDefinition, "states" | "attaches" | "logs">,
): Record<string, string> => {
  const { partition, region, account } = Stack.of(scope);
  const values: Readonly<Record<keyof typeof SETTINGS, string>> = {
    table: table.tableName,
    instance: instanceOf(scope),
    statesArnPrefix: `arn:${partition}:states:${region}:${account}`,
    machineRoleArn: machineRoleArn(scope, "{workspace}"),
    gateArn: functionArn(scope, functions.gate.name),
    parkArn: functionArn(scope, functions.park.name),
    humanStepArn: functionArn(scope, functions.humanStep.name),
    handOverArn: functionArn(scope, functions.handOver.name),
    scheduleGroup: named(scope, SCHEDULE_GROUP),
    schedulerRoleArn: schedulerRoleArn(scope),
    deadLetterArn: deadLettersArn(scope),
    autoResumeArn: functionArn(scope, functions.autoResume.name),
    warningArn: functionArn(scope, functions.warning.name),
    intakeArn: functionArn(scope, functions.intake.name),
    waitArn: functionArn(scope, functions.wait.name),
    drainMachineArn: ownMachineArn(scope, DRAIN_MACHINE),
    bulkMachineArn: ownMachineArn(scope, BULK_MACHINE),
    bulkRate: String(parameters.bulkRate),
    eventBus: EVENT_BUS,
    historyMark: String(HISTORY_MARK),
    taskRoleArn: taskRoleArn(scope, "{workspace}"),
    allowedResources: JSON.stringify(parameters.allowedResources),
    machineOptions: JSON.stringify(machineOptionsOf(scope, parameters)),
    attachable: JSON.stringify({ patterns: parameters.attachable, tagged: true }),
    stepLogs: JSON.stringify(parameters.stepLogs),
    platformClaim: parameters.platformClaim,
    platformValue: parameters.platformValue,
    workspacesClaim: parameters.workspacesClaim,
  };
  const names: Readonly<Record<string, string>> = SETTINGS;
  // The list can be long, so only functions that compile flows get it: Lambda limits the whole environment to 4 KB.
  const compiles = states?.includes("CreateStateMachine") === true;
  const entries = Object.entries(values)
    .filter(([key]) => compiles || !OF_COMPILERS.has(key))
    .filter(([key]) => attaches === true || key !== "attachable")
    .filter(([key]) => logs === true || key !== "stepLogs");
  return Object.fromEntries(entries.map(([key, value]) => [names[key] ?? key, value]));
};
