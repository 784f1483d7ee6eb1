import { RemovalPolicy, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import { CfnStateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { acknowledge } from "./acknowledge.ts";
import { named, namedOnce } from "./names.ts";
import { allowing } from "./policy-statements.ts";
import { everyMachineArn } from "./reserved-arns.ts";

export interface LoopMachineProps {
  /** The name of the machine and of its role. */
  readonly name: string;
  /** Completes the sentence "the state machine that …". */
  readonly purpose: string;
  readonly batch: IFunction;
  readonly definition: (functionArn: string) => JsonObject;
  readonly logRetention: RetentionDays;
}

/** The actions that a machine's role needs for logging (guide, "Using CloudWatch Logs to log execution history"). */
export const LOG_DELIVERY = [
  ...["CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"],
  ...["PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"],
].map((action) => `logs:${action}`);

/** One of Sluice's own state machines, which calls its function in a loop, with its role. */
export class LoopMachine extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { name, purpose, batch, definition, logRetention }: LoopMachineProps,
  ) {
    super(scope, id);
    const stack = Stack.of(this);
    const role = new Role(this, "role", {
      roleName: namedOnce(this, name),
      description: `Role of the state machine that ${purpose}`,
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": stack.account },
          // Any machine of the account: to set up logging, Step Functions assumes the role before the machine exists.
          ArnLike: { "aws:SourceArn": everyMachineArn(this) },
        },
      }),
    });
    role.addToPolicy(allowing(["lambda:InvokeFunction"], [batch.functionArn]));
    role.addToPolicy(allowing(LOG_DELIVERY, ["*"]));
    acknowledge(role, {
      "IAM5[Resource::*]": "The actions that set up log delivery do not support resource-level permissions.",
    });
    const errors = new LogGroup(this, "errors", {
      logGroupName: `/aws/vendedlogs/states/${named(this, name)}`, // this prefix keeps the resource policy of the log short (Step Functions guide, "Logging")
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const machine = new CfnStateMachine(this, "machine", {
      stateMachineName: named(this, name),
      stateMachineType: "STANDARD",
      definitionString: stack.toJsonString(definition(batch.functionArn)),
      roleArn: role.roleArn,
      loggingConfiguration: {
        level: "ERROR",
        includeExecutionData: false,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: errors.logGroupArn } }],
      },
    });
    // The policy is a separate resource, and Step Functions checks the role when an execution begins.
    machine.node.addDependency(role);
    acknowledge(machine, {
      SF1: "It logs errors. Each batch is in its function's log, and Step Functions keeps histories for 90 days.",
      SF2: "Its function is traced. The machine itself only waits between the calls.",
    });
  }
}
