import {
  GetTemplateCommand,
  paginateDescribeStacks,
  paginateListStackResources,
  type Stack,
  type StackResourceSummary,
} from "@aws-sdk/client-cloudformation";
import { paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { paginateListSchedules } from "@aws-sdk/client-scheduler";
import {
  DescribeStateMachineCommand,
  ListExecutionsCommand,
  paginateListStateMachines,
} from "@aws-sdk/client-sfn";
import { functions } from "../../infra/functions.ts";
import { parseMachineName } from "../../shared/model/machines/machine-names.ts";
import { type AwsServices, absentOn } from "./aws.ts";
import { nameIn } from "./deployment.ts";

/** One thing to do, in the order of the plan. */
export interface Step {
  readonly kind:
    | "attached flow"
    | "state machine"
    | "schedule"
    | "bucket"
    | "protection"
    | "stack"
    | "table"
    | "user pool"
    | "log group"
    | "retained";
  readonly name: string;
  /** The reason why deleting the stacks is not enough, or a note to read first. */
  readonly why: string;
  readonly command: string;
}

/** The stacks in the order in which they can be deleted: those that depend on others first. */
const ORDER = ["alarms", "console-content", "api", "identity", "console", "schedule", "workflow", "data"];

/**
 * Lists the steps that remove an instance with everything that it created: first those that need the running instance, then the stacks, then
 * what they leave behind. Changes nothing.
 */
export const destroyPlan = async (aws: AwsServices, instance: string): Promise<Step[]> => {
  const stacks = await stacksOf(aws, instance);
  const owned = new Set(stacks.flatMap(({ resources }) => resources.map(physical)));
  const machines = await machinesOf(aws, instance);
  const logGroups = await logGroupsOf(aws, instance);
  return [
    ...machines.attached,
    ...machines.flows,
    ...(await schedulesOf(aws, instance)),
    ...stacks.flatMap(buckets),
    ...stacks.flatMap(protection),
    ...stacks.map(deletion),
    ...stacks.flatMap(({ retained }) => retained.map(leftBehind)),
    ...(stacks.length === 0 ? await orphanedTable(aws, instance) : []),
    ...logGroups.filter((name) => !owned.has(name)).map(logGroup),
  ];
};

interface OwnStack {
  readonly stack: Stack;
  readonly resources: readonly StackResourceSummary[];
  readonly retained: readonly StackResourceSummary[];
}

const physical = ({ PhysicalResourceId = "" }: StackResourceSummary): string => PhysicalResourceId;

const stacksOf = async ({ cloudformation }: AwsServices, instance: string): Promise<OwnStack[]> => {
  if (cloudformation === undefined) return [];
  const names = ORDER.map((name) => `${instance}-${name}`);
  const found: OwnStack[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client: cloudformation }, {}))
    for (const stack of Stacks)
      if (names.includes(stack.StackName ?? "")) found.push(await contentOf(cloudformation, stack));
  const place = ({ stack }: OwnStack): number => names.indexOf(stack.StackName ?? "");
  return found.sort((one, other) => place(one) - place(other));
};

const contentOf = async (
  cloudformation: NonNullable<AwsServices["cloudformation"]>,
  stack: Stack,
): Promise<OwnStack> => {
  const { StackName } = stack;
  const resources: StackResourceSummary[] = [];
  const pages = paginateListStackResources({ client: cloudformation }, { StackName });
  for await (const { StackResourceSummaries = [] } of pages) resources.push(...StackResourceSummaries);
  const { TemplateBody = "{}" } = await cloudformation.send(
    new GetTemplateCommand({ StackName, TemplateStage: "Processed" }),
  );
  const template = JSON.parse(TemplateBody) as {
    Resources?: Record<string, { DeletionPolicy?: string } | undefined>;
  };
  const isRetained = ({ LogicalResourceId = "" }: StackResourceSummary): boolean =>
    /^Retain/.test(template.Resources?.[LogicalResourceId]?.DeletionPolicy ?? "");
  return { stack, resources, retained: resources.filter(isRetained) };
};

const buckets = ({ resources }: OwnStack): Step[] =>
  resources
    .filter(({ ResourceType }) => ResourceType === "AWS::S3::Bucket")
    .map((resource) => ({
      kind: "bucket",
      name: physical(resource),
      why: "CloudFormation deletes only an empty bucket",
      command: `aws s3 rm s3://${physical(resource)} --recursive`,
    }));

const protection = ({ stack }: OwnStack): Step[] =>
  stack.EnableTerminationProtection !== true
    ? []
    : [
        {
          kind: "protection",
          name: stack.StackName ?? "",
          why: "The stack is protected against deletion",
          command: `aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${stack.StackName}`,
        },
      ];

const deletion = ({ stack }: OwnStack): Step => ({
  kind: "stack",
  name: stack.StackName ?? "",
  why: "Delete in this order, because stacks refer to those below them",
  command: `aws cloudformation delete-stack --stack-name ${stack.StackName} && aws cloudformation wait stack-delete-complete --stack-name ${stack.StackName}`,
});

/** Resources that stay when their stack is deleted, so that no one loses data by mistake. */
const leftBehind = (resource: StackResourceSummary): Step => {
  const name = physical(resource);
  switch (resource.ResourceType) {
    case "AWS::DynamoDB::GlobalTable":
    case "AWS::DynamoDB::Table":
      return table(name);
    case "AWS::Cognito::UserPool":
      return {
        kind: "user pool",
        name,
        why: "Retained, with all user accounts. They cannot be restored",
        command: `aws cognito-idp update-user-pool --user-pool-id ${name} --deletion-protection INACTIVE && aws cognito-idp delete-user-pool --user-pool-id ${name}`,
      };
    default:
      return {
        kind: "retained",
        name,
        why: `A retained ${resource.ResourceType}`,
        command: `aws cloudcontrol delete-resource --type-name ${resource.ResourceType} --identifier ${name}`,
      };
  }
};

const table = (name: string): Step => ({
  kind: "table",
  name,
  why: "Retained, with all flows, runs and members. The backups of the last 35 days are deleted with it",
  command: `aws dynamodb update-table --table-name ${name} --no-deletion-protection-enabled && aws dynamodb delete-table --table-name ${name}`,
});

const orphanedTable = async ({ dynamodb }: AwsServices, instance: string): Promise<Step[]> => {
  const described = await dynamodb
    .send(new DescribeTableCommand({ TableName: instance }))
    .catch(absentOn("ResourceNotFoundException"));
  return described === undefined ? [] : [table(instance)];
};

/** The attached state machines, which call Sluice, and the state machines of flows. */
const machinesOf = async (
  { states }: AwsServices,
  instance: string,
): Promise<{ attached: Step[]; flows: Step[] }> => {
  const attached: Step[] = [];
  const flows: Step[] = [];
  const gate = `${nameIn({ instance }, functions.gate.name)}:ws-`;
  for await (const { stateMachines = [] } of paginateListStateMachines({ client: states }, {}))
    for (const { name = "", stateMachineArn = "", type } of stateMachines) {
      if (parseMachineName(name, instance) !== undefined) {
        const { executions = [] } = await states.send(
          new ListExecutionsCommand({ stateMachineArn, statusFilter: "RUNNING", maxResults: 1 }),
        );
        const busy = executions.length > 0;
        flows.push({
          kind: "state machine",
          name,
          why: busy
            ? "Published at run time. It has open executions: cancel their runs first"
            : "Published at run time, so it belongs to no stack",
          command: `aws stepfunctions delete-state-machine --state-machine-arn ${stateMachineArn}`,
        });
      } else if (type === "STANDARD" && !name.startsWith(`${instance}-`)) {
        const { definition = "" } = await states.send(new DescribeStateMachineCommand({ stateMachineArn }));
        if (definition.includes(gate))
          attached.push({
            kind: "attached flow",
            name,
            why: "An attached state machine. Restore its original definition first, because its gates cannot be called without Sluice",
            command: `sluice release <flow id of ${name}>`,
          });
      }
    }
  return { attached, flows };
};

/** Deleting the group deletes its schedules. Those of holds are listed, because they show that flows are paused. */
const schedulesOf = async ({ scheduler }: AwsServices, instance: string): Promise<Step[]> => {
  const GroupName = nameIn({ instance }, "sluice");
  const found: Step[] = [];
  try {
    for await (const { Schedules = [] } of paginateListSchedules({ client: scheduler }, { GroupName }))
      for (const { Name = "" } of Schedules)
        if (/^(hold|warn)-/.test(Name))
          found.push({
            kind: "schedule",
            name: Name,
            why: "Created when a flow was paused. Deleting its group deletes it too",
            command: `aws scheduler delete-schedule --group-name ${GroupName} --name ${Name}`,
          });
  } catch (error) {
    absentOn("ResourceNotFoundException")(error); // the group is deleted
  }
  return found;
};

const logGroupsOf = async ({ logs }: AwsServices, instance: string): Promise<string[]> => {
  if (logs === undefined) return [];
  const names: string[] = [];
  const prefixes = [
    `/aws/lambda/${instance}-`,
    `/aws/vendedlogs/${instance}/`,
    `/aws/vendedlogs/states/${instance}-`,
    `/${instance}/`,
  ];
  for (const logGroupNamePrefix of prefixes) {
    for await (const { logGroups = [] } of paginateDescribeLogGroups(
      { client: logs },
      { logGroupNamePrefix },
    ))
      names.push(...logGroups.map(({ logGroupName = "" }) => logGroupName));
  }
  return names;
};

const logGroup = (name: string): Step => ({
  kind: "log group",
  name,
  why: "Belongs to no stack, or remains from an earlier release",
  command: `aws logs delete-log-group --log-group-name ${name}`,
});
