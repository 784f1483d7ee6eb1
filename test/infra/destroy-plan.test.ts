import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { SFNClient } from "@aws-sdk/client-sfn";
import { Stack } from "aws-cdk-lib";
import { beforeAll, describe, expect, it } from "vitest";
import type { AwsServices } from "../../cli/doctor/aws.ts";
import { destroyPlan, type Step } from "../../cli/doctor/destroy-plan.ts";
import { type Synthesized, synthesize } from "./synth/synthesized.ts";

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Readonly<Record<string, unknown>>;
}
/** A client with answers of its own. The SDK pages through lists only for instances of its own clients. */
const service = (
  { prototype }: { readonly prototype: object },
  answers: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>>,
): never =>
  Object.assign(Object.create(prototype), {
    send: async ({ constructor: { name }, input }: Command) => {
      const answer = answers[name.replace(/Command$/, "")];
      if (answer === undefined) throw new Error(`Unexpected ${name}`);
      return answer(input);
    },
  }) as never;

const arnOf = (name: string): string => `arn:aws:states:eu-west-1:111122223333:stateMachine:${name}`;
const INCARNATION = "abcdefghijklmnop";

/** AWS as it is after a deployment: the real templates, each resource with its logical id as its physical one. */
const deployed = ({ app, template }: Synthesized): AwsServices => {
  const stacks = app.node.children.filter((child): child is Stack => Stack.isStack(child));
  const groups = stacks.flatMap(({ stackName }) =>
    Object.values(template(stackName).Resources).flatMap(({ Type, Properties }) =>
      Type === "AWS::Logs::LogGroup" ? [Properties["LogGroupName"]] : [],
    ),
  );
  const physicalIds: Readonly<Record<string, string>> = { "AWS::Logs::LogGroup": "LogGroupName" };
  return {
    cloudformation: service(CloudFormationClient, {
      DescribeStacks: () => ({
        Stacks: [
          { StackName: "CDKToolkit" },
          { StackName: "staging-data" },
          ...stacks.map(({ stackName, terminationProtection }) => ({
            StackName: stackName,
            EnableTerminationProtection: terminationProtection === true,
          })),
        ],
      }),
      GetTemplate: ({ StackName }) => ({ TemplateBody: JSON.stringify(template(String(StackName))) }),
      ListStackResources: ({ StackName }) => ({
        StackResourceSummaries: Object.entries(template(String(StackName)).Resources).map(
          ([LogicalResourceId, { Type, Properties }]) => ({
            LogicalResourceId,
            ResourceType: Type,
            PhysicalResourceId: Properties?.[physicalIds[Type] ?? ""] ?? LogicalResourceId,
          }),
        ),
      }),
    }),
    logs: service(CloudWatchLogsClient, {
      DescribeLogGroups: ({ logGroupNamePrefix }) => ({
        logGroups: [...groups, "/aws/lambda/sluice-retired", "/aws/lambda/other"]
          .filter((name) => String(name).startsWith(String(logGroupNamePrefix)))
          .map((logGroupName) => ({ logGroupName })),
      }),
    }),
    states: service(SFNClient, {
      ListStateMachines: () => ({
        stateMachines: [
          `sluice-acme-${INCARNATION}`,
          `staging-acme-${INCARNATION}`,
          "sluice-drain",
          "orders",
          "bills",
        ].map((name) => ({ name, stateMachineArn: arnOf(name), type: "STANDARD" })),
      }),
      ListExecutions: () => ({ executions: [{}] }),
      DescribeStateMachine: ({ stateMachineArn }) => ({
        definition: stateMachineArn === arnOf("orders") ? '{"FunctionName":"sluice-gate:ws-acme"}' : "{}",
      }),
    }),
    scheduler: service(SchedulerClient, {
      ListSchedules: () => ({
        Schedules: [{ Name: "sluice-sweep" }, { Name: "hold-1" }, { Name: "warn-1" }],
      }),
    }),
    dynamodb: service(DynamoDBClient, {}),
    lambda: service(LambdaClient, {}),
    iam: service(IAMClient, {}),
  };
};

describe("the plan of a removal", () => {
  let synthesized: Synthesized;
  let plan: Step[];
  beforeAll(async () => {
    synthesized = synthesize({ issuer: undefined, audience: undefined });
    plan = await destroyPlan(deployed(synthesized), "sluice");
  });
  const names = (kind: Step["kind"]) => plan.filter((step) => step.kind === kind).map(({ name }) => name);

  it("begins with what needs the running instance, and ends with what its stacks leave behind", () => {
    const kinds = plan.map(({ kind }) => kind);
    expect(kinds.filter((kind, index) => kinds.indexOf(kind) === index)).toEqual([
      ...["attached flow", "state machine", "schedule", "bucket", "protection", "stack"],
      ...["user pool", "table", "log group"],
    ]);
    for (const { command, why } of plan) expect([command, why]).not.toContain("");
  });

  it("contains what is in no stack", () => {
    expect(names("attached flow")).toEqual(["orders"]);
    expect(names("state machine")).toEqual([`sluice-acme-${INCARNATION}`]);
    expect(names("schedule")).toEqual(["hold-1", "warn-1"]);
    expect(names("log group")).toEqual(["/aws/lambda/sluice-retired"]);
  });

  it("contains what the deletion of a stack keeps", () => {
    const retained = ["AWS::DynamoDB::GlobalTable", "AWS::Cognito::UserPool", "AWS::S3::Bucket"].map((type) =>
      Object.keys(synthesized.resources(type)).map((id) => id.split("/")[1]),
    );
    expect([names("table"), names("user pool"), names("bucket")]).toEqual(retained);
    expect(names("retained")).toEqual([]);
    expect(names("protection").toSorted()).toEqual(["sluice-data", "sluice-identity"]);
  });

  it("deletes every stack of the instance before those that it depends on", () => {
    const stacks = synthesized.app.node.children.filter((child): child is Stack => Stack.isStack(child));
    const order = names("stack");
    expect(order.toSorted()).toEqual(stacks.map(({ stackName }) => stackName).toSorted());
    for (const { stackName, dependencies } of stacks)
      for (const needed of dependencies)
        expect([stackName, order.indexOf(stackName) < order.indexOf(needed.stackName)]).toEqual([
          stackName,
          true,
        ]);
  });
});
