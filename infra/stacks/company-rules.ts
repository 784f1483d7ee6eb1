import { Stack, Tags } from "aws-cdk-lib";
import { CfnGlobalTable } from "aws-cdk-lib/aws-dynamodb";
import { ManagedPolicy, PermissionsBoundary, Role } from "aws-cdk-lib/aws-iam";
import { CfnFunction } from "aws-cdk-lib/aws-lambda";
import { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import { CfnQueue } from "aws-cdk-lib/aws-sqs";
import { CfnStateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct, IConstruct } from "constructs";
import { DeploymentRole } from "../constructs/deployment-role.ts";
import { allowing } from "../constructs/policy-statements.ts";
import { WorkspaceTaskRole } from "../constructs/workspace-task-role.ts";
import type { Parameters } from "./parameters.ts";

/** The actions that reading and writing encrypted data need. No action on the key itself, and no grants. */
const KEY_USE = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"];

/**
 * Encrypts log groups, queues, the table, the environments of functions and the machines with the deployer's key.
 * All of Sluice's own roles may use the key. The task roles of users may not: a Task of a user reads nothing of Sluice's.
 */
const encrypt = (one: IConstruct, kmsKeyArn: string): void => {
  if (one instanceof CfnLogGroup) one.kmsKeyId = kmsKeyArn;
  if (one instanceof CfnFunction) one.kmsKeyArn = kmsKeyArn;
  if (one instanceof CfnStateMachine)
    one.encryptionConfiguration = { type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId: kmsKeyArn };
  if (one instanceof CfnQueue) {
    one.kmsMasterKeyId = kmsKeyArn;
    one.sqsManagedSseEnabled = undefined;
  }
  if (one instanceof CfnGlobalTable) {
    one.sseSpecification = { sseEnabled: true, sseType: "KMS" };
    one.addPropertyOverride("Replicas.0.SSESpecification", { KMSMasterKeyId: kmsKeyArn });
  }
  if (one instanceof Role && !(one instanceof WorkspaceTaskRole) && !(one instanceof DeploymentRole))
    one.addToPolicy(allowing(KEY_USE, [kmsKeyArn]));
};

/** Applies tags, a permissions boundary and a key to all stacks. Call it after they are made. */
export const addCompanyRules = (
  scope: Construct,
  { tags, permissionsBoundaryArn, kmsKeyArn }: Parameters,
): void => {
  for (const [key, value] of Object.entries(tags)) Tags.of(scope).add(key, value);
  if (permissionsBoundaryArn !== undefined)
    for (const stack of scope.node.children.filter((one) => Stack.isStack(one)))
      PermissionsBoundary.of(stack).apply(
        ManagedPolicy.fromManagedPolicyArn(stack, "boundary", permissionsBoundaryArn),
      );
  if (kmsKeyArn !== undefined) for (const one of scope.node.findAll()) encrypt(one, kmsKeyArn);
};
