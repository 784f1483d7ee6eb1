import { Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { MACHINE_ROLE_NAME, machinesArn, taskRoleArn } from "./reserved-arns.ts";

/**
 * The role of every flow's state machine. It calls the functions that compiled flows call and assumes the workspaces' task roles;
 * whatever a user's Task reaches, it reaches through its workspace's task role.
 */
export class MachineRole extends Role {
  constructor(scope: Construct, id: string, callable: readonly IFunction[]) {
    super(scope, id, {
      roleName: MACHINE_ROLE_NAME,
      description: "Role of the state machines that Sluice makes",
      // Only for Sluice's machines in this account: the confused deputy's conditions of the Step Functions guide.
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
    acknowledge(this, {
      "IAM5[Resource::arn:<AWS::Partition>:iam::<AWS::AccountId>:role/sluice-task-*]":
        "Workspaces come at run time; their task roles are known by the reserved prefix, and each one's trust policy decides.",
    });
  }
}
