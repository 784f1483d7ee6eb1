import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { BULK_MACHINE, DRAIN_MACHINE } from "../../shared/model/machines/loop-machine.ts";
import { type FunctionDefinition, functions } from "../functions.ts";
import { itemActions, statesActionsOn } from "../grant-actions.ts";
import { acknowledge } from "./acknowledge.ts";
import { named, namedOnceForNag } from "./names.ts";
import { allowing } from "./policy-statements.ts";
import {
  eventBusArn,
  executionsArn,
  functionArn,
  machineRoleArn,
  machinesArn,
  mapRunsArn,
  ownExecutionsArn,
  ownMachineArn,
  SCHEDULE_GROUP,
  schedulerRoleArn,
  schedulesArn,
} from "./reserved-arns.ts";

/** The table's identifiers. */
export interface TableReference {
  readonly tableArn: string;
  readonly tableName: string;
  /** Absent if the table has no stream. */
  readonly tableStreamArn?: string | undefined;
}

/** Returns the ARN of the table's stream. Throws if it has none. */
export const streamArnOf = ({ tableStreamArn }: TableReference): string => {
  if (tableStreamArn === undefined) throw new Error("The table has no stream");
  return tableStreamArn;
};

/** The start of an ARN in the stack's region and account, as cdk-nag writes it. */
const nagArn = (service: string) => `arn:<AWS::Partition>:${service}:<AWS::Region>:<AWS::AccountId>`;
const NAG_ARN = nagArn("states");

/** Actions that pass a role to a machine and therefore need `iam:PassRole`. */
const ROLE_PASSING = new Set(["CreateStateMachine", "UpdateStateMachine"]);

/** The actions with which Lambda reads the stream on behalf of the function. */
const STREAM_ACTIONS = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];

const actionsOf = (service: string, names: readonly string[]) => names.map((name) => `${service}:${name}`);

const streamStatement = (table: TableReference): PolicyStatement =>
  allowing(actionsOf("dynamodb", STREAM_ACTIONS), [streamArnOf(table)]);

const tableStatements = (definition: FunctionDefinition, table: TableReference): PolicyStatement[] => {
  if (definition.table === "none") return [];
  if (definition.table === "stream") return [streamStatement(table)];
  const actions = itemActions(definition);
  const statements = [allowing(actionsOf("dynamodb", actions), [table.tableArn])];
  const indexes = definition.indexes ?? [];
  if (indexes.length > 0) {
    statements.push(
      allowing(
        actionsOf("dynamodb", ["Query"]),
        indexes.map((index) => `${table.tableArn}/index/${index}`),
      ),
    );
  }
  return statements;
};

const statesStatements = (scope: Construct, actions: readonly string[] = []): PolicyStatement[] => {
  const statements: PolicyStatement[] = [];
  const onMachines = statesActionsOn("machine", actions);
  const onExecutions = statesActionsOn("execution", actions);
  if (onMachines.length > 0) {
    statements.push(allowing(onMachines, [machinesArn(scope)]));
    acknowledge(scope, {
      [`IAM5[Resource::${NAG_ARN}:stateMachine:${named(scope, "sluice-")}*]`]:
        "Flows are published at run time, so their machines are known only by the reserved prefix.",
    });
  }
  if (onExecutions.length > 0) {
    statements.push(allowing(onExecutions, [executionsArn(scope)]));
    acknowledge(scope, {
      [`IAM5[Resource::${NAG_ARN}:execution:${named(scope, "sluice-")}*:*]`]:
        "Executions are named after runs, which are created at run time. The prefix limits them to Sluice's machines.",
    });
  }
  const onMapRuns = statesActionsOn("mapRun", actions);
  if (onMapRuns.length > 0) {
    statements.push(new PolicyStatement({ actions: onMapRuns, resources: [mapRunsArn(scope)] }));
    acknowledge(scope, {
      [`IAM5[Resource::${NAG_ARN}:mapRun:${named(scope, "sluice-")}*/*:*]`]:
        "Distributed Maps are started at run time. The prefix limits them to Sluice's machines.",
    });
  }
  const onAny = statesActionsOn("any", actions);
  if (onAny.length > 0) {
    statements.push(allowing(onAny, ["*"]));
    acknowledge(scope, {
      "IAM5[Resource::*]":
        "TestState has no resource. It evaluates a definition that Sluice sends, without a role, so it reaches nothing in the account.",
    });
  }
  if (actions.some((action) => ROLE_PASSING.has(action))) {
    acknowledge(scope, {
      [`IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/${namedOnceForNag(scope, "sluice-flows-*")}]`]:
        "Workspaces are created at run time, so the roles of their machines are known only by the reserved prefix.",
    });
    statements.push(passRole(machineRoleArn(scope, "*"), "states.amazonaws.com"));
  }
  return statements;
};

const passRole = (role: string, service: string): PolicyStatement =>
  allowing(["iam:PassRole"], [role], { StringEquals: { "iam:PassedToService": service } });

/** One of Sluice's own machines (drain, bulk). */
const loopStatements = (
  scope: Construct,
  machine: string,
  actions: FunctionDefinition["drain" | "bulk"] = [],
): PolicyStatement[] => {
  const statements: PolicyStatement[] = [];
  if (actions.includes("StartExecution")) {
    const start = { actions: ["states:StartExecution"], resources: [ownMachineArn(scope, machine)] };
    statements.push(new PolicyStatement(start));
  }
  if (actions.includes("DescribeExecution")) {
    const look = { actions: ["states:DescribeExecution"], resources: [ownExecutionsArn(scope, machine)] };
    statements.push(new PolicyStatement(look));
    acknowledge(scope, {
      [`IAM5[Resource::${NAG_ARN}:execution:${named(scope, machine)}:*]`]:
        "Executions are named at run time. The ARN limits them to this one machine.",
    });
  }
  return statements;
};

/** Returns the statements for one-time schedules of Sluice's group. They invoke functions with the one role that may be passed for it. */
const scheduleStatements = (
  scope: Construct,
  actions: FunctionDefinition["schedules"] = [],
): PolicyStatement[] => {
  if (actions.length === 0) return [];
  acknowledge(scope, {
    [`IAM5[Resource::${nagArn("scheduler")}:schedule/${named(scope, SCHEDULE_GROUP)}/*]`]:
      "Schedules are named after holds, which are created at run time. The ARN limits them to Sluice's group.",
  });
  const statements = [allowing(actionsOf("scheduler", actions), [schedulesArn(scope)])];
  if (actions.includes("CreateSchedule")) {
    statements.push(passRole(schedulerRoleArn(scope), "scheduler.amazonaws.com"));
  }
  return statements;
};

const eventStatements = (scope: Construct, publishes: boolean): PolicyStatement[] =>
  publishes ? [allowing(["events:PutEvents"], [eventBusArn(scope)])] : [];

const invokeStatements = (scope: Construct, key: FunctionDefinition["invokes"]): PolicyStatement[] =>
  key === undefined ? [] : [allowing(["lambda:InvokeFunction"], [functionArn(scope, functions[key].name)])];

/** Grants a function exactly what its definition names: the table and other services. */
export const grantsOf = (
  scope: Construct,
  definition: FunctionDefinition,
  table: TableReference,
): PolicyStatement[] => [
  ...tableStatements(definition, table),
  ...statesStatements(scope, definition.states),
  ...loopStatements(scope, DRAIN_MACHINE, definition.drain),
  ...loopStatements(scope, BULK_MACHINE, definition.bulk),
  ...scheduleStatements(scope, definition.schedules),
  ...eventStatements(scope, definition.events === true),
  ...invokeStatements(scope, definition.invokes),
];
