import { Stack } from "aws-cdk-lib";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { acknowledge } from "./acknowledge.ts";
import type { Grants } from "./allow/grants.ts";
import { addGrants, taskGrants } from "./allow/statements.ts";
import { namedOnce } from "./names.ts";
import { allowing, denying } from "./policy-statements.ts";
import {
  executionsArn,
  functionArn,
  machineRoleArn,
  machinesArn,
  sharedMachineRoleArn,
  TASK_ROLE_PREFIX,
  tableArns,
} from "./reserved-arns.ts";

export interface WorkspaceTaskRoleProps {
  readonly workspace: string;
  /** The tag key that allows a workspace's flows to call a Lambda function, if its value is the workspace's name. */
  readonly tagKey: string;
  /** Further resources that its flows may use, by allow set. */
  readonly allow?: Grants;
}

/** Every action on a machine except HTTP calls, which `http:invoke` makes on behalf of the flow's own machine. */
const MACHINE_ACTIONS = [
  ...["Create", "Delete", "Describe", "Get", "List", "Publish", "Redrive", "Send", "Start", "Stop"],
  ...["Tag", "Untag", "Update"],
].map((verb) => `states:${verb}*`);

/**
 * The role that decides what the flows of one workspace may reach. Every user Task runs with it, and only the role of
 * the workspace's machines may assume it. By default it may call Lambda functions that are tagged for the workspace, but never Sluice's own; `addToPolicy` allows more.
 */
export class WorkspaceTaskRole extends Role {
  constructor(scope: Construct, id: string, { workspace, tagKey, allow = {} }: WorkspaceTaskRoleProps) {
    super(scope, id, {
      roleName: namedOnce(scope, `${TASK_ROLE_PREFIX}${workspace}`),
      description: `What the flows of Sluice workspace ${workspace} may call`,
      // Trusts the role by name: as a principal, a role would be stored by its id, which changes when the role is created
      // again.
      assumedBy: new AccountPrincipal(Stack.of(scope).account).withConditions({
        ArnEquals: {
          "aws:PrincipalArn": [machineRoleArn(scope, workspace), sharedMachineRoleArn(scope)],
        },
      }),
    });
    this.addToPolicy(
      allowing(["lambda:InvokeFunction"], [functionArn(this, "*")], {
        StringEquals: { [`aws:ResourceTag/${tagKey}`]: workspace },
      }),
    );
    this.addToPolicy(denying(["lambda:InvokeFunction"], [functionArn(this, "sluice-*")]));
    this.addToPolicy(denying(MACHINE_ACTIONS, [machinesArn(this), executionsArn(this)]));
    this.addToPolicy(denying(["dynamodb:*"], tableArns(this)));
    addGrants(this, taskGrants(allow));
    acknowledge(this, {
      "IAM5[Resource::arn:<AWS::Partition>:lambda:<AWS::Region>:<AWS::AccountId>:function:*]":
        "The tag limits it to functions of the workspace.",
    });
  }

  /**
   * Lets the workspace's flows call one more function, whatever its tags. Allows only the given ARN: to allow a version or an
   * alias, pass that. `grantInvoke` of a function allows all of its versions with a wildcard, which the AwsSolutions rules
   * reject.
   */
  allowInvoke({ functionArn: resource }: Pick<IFunction, "functionArn">): void {
    this.addToPolicy(allowing(["lambda:InvokeFunction"], [resource]));
  }
}
