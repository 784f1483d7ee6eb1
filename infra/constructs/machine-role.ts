import { Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { executionsArn, MACHINE_ROLE_NAME, machinesArn, taskRoleArn } from "./reserved-arns.ts";

/**
 * The role of every flow's state machine. It may call Sluice's task functions, run the children of Distributed Maps, and assume the
 * workspaces' task roles. A user's Task reaches everything else through its workspace's task role.
 */
export class MachineRole extends Role {
  constructor(scope: Construct, id: string, callable: readonly IFunction[]) {
    super(scope, id, {
      roleName: MACHINE_ROLE_NAME,
      description: "Role of the state machines that Sluice creates",
      // Only for Sluice's machines in this account: the conditions against a confused deputy from the Step Functions guide.
      assumedBy: new ServicePrincipal("states.amazonaws.com", {
        conditions: {
          StringEquals: { "aws:SourceAccount": Stack.of(scope).account },
          ArnLike: { "aws:SourceArn": machinesArn(scope) },
        },
      }),
    });
    this.addToPolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: callable.map(({ functionArn }) => functionArn),
      }),
    );
    this.addToPolicy(
      new PolicyStatement({ actions: ["sts:AssumeRole"], resources: [taskRoleArn(this, "*")] }),
    );
    // The children of a Distributed Map are executions of the same machine, which this role starts and stops
    // (Step Functions guide, "IAM policies for using Distributed Map states").
    this.addToPolicy(
      new PolicyStatement({ actions: ["states:StartExecution"], resources: [machinesArn(this)] }),
    );
    this.addToPolicy(
      new PolicyStatement({
        actions: ["states:DescribeExecution", "states:StopExecution"],
        resources: [executionsArn(this)],
      }),
    );
    acknowledge(this, {
      "IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/sluice-task-*]":
        "Workspaces are created at run time, so their task roles are known by the reserved prefix. Each role's trust policy decides.",
      "IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:stateMachine:sluice-*]":
        "Flows are published at run time, so their machines are known only by the reserved prefix.",
      "IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:sluice-*:*]":
        "Children of a Distributed Map are started at run time. The prefix limits them to Sluice's machines.",
    });
  }
}
