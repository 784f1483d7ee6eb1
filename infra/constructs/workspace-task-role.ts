import { ArnPrincipal, Effect, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import { functionArn, machineRoleArn, TASK_ROLE_PREFIX } from "./reserved-arns.ts";

export interface WorkspaceTaskRoleProps {
  readonly workspace: string;
  /** A workspace's flows may call Lambda functions whose tag has the workspace's name as its value. */
  readonly tagKey: string;
}

/**
 * The role that decides what the flows of one workspace may reach. Every user Task runs with it, and only the flows' machine role may
 * assume it. By default it may call Lambda functions that are tagged for the workspace, but never Sluice's own; `addToPolicy` allows more.
 */
export class WorkspaceTaskRole extends Role {
  constructor(scope: Construct, id: string, { workspace, tagKey }: WorkspaceTaskRoleProps) {
    super(scope, id, {
      roleName: `${TASK_ROLE_PREFIX}${workspace}`,
      description: `What the flows of Sluice workspace ${workspace} may call`,
      assumedBy: new ArnPrincipal(machineRoleArn(scope)),
    });
    this.addToPolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        resources: [functionArn(this, "*")],
        conditions: { StringEquals: { [`aws:ResourceTag/${tagKey}`]: workspace } },
      }),
    );
    this.addToPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: ["lambda:InvokeFunction"],
        resources: [functionArn(this, "sluice-*")],
      }),
    );
    acknowledge(this, {
      "IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:*]":
        "The tag limits it to functions of the workspace.",
    });
  }
}
