import { ArnFormat, Stack } from "aws-cdk-lib";
import type { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import type { FunctionDefinition } from "../functions.ts";
import { acknowledge } from "./acknowledge.ts";
import { allowing } from "./policy-statements.ts";

/** Returns a function's permissions to read what functions of flows print; none unless the deployer has named such functions. */
export const logStatements = (
  scope: Construct,
  { logs }: FunctionDefinition,
  stepLogs: Readonly<Record<string, readonly string[]>>,
): PolicyStatement[] => {
  const groups = [...new Set(Object.values(stepLogs).flat())].sort().map((name) => `/aws/lambda/${name}:*`);
  if (logs !== true || groups.length === 0) return [];
  acknowledge(
    scope,
    Object.fromEntries(
      groups.map((group) => [
        `IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:${group}]`,
        "The deployer lists the functions whose output workspaces may read, as patterns. The end stands for the streams of a group.",
      ]),
    ),
  );
  const arnOf = (resourceName: string) =>
    Stack.of(scope).formatArn({
      ...{ service: "logs", resource: "log-group", resourceName },
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  return [allowing(["logs:FilterLogEvents"], groups.map(arnOf))];
};
