import { CfnAlias } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { workspaceAlias } from "../../../shared/model/machines/workspace-access.ts";
import type { SluiceFunction } from "../sluice-function.ts";

/**
 * Adds an alias of a function for each workspace. A call through an alias proves the workspace, so a role that
 * may call one alias reaches only the runs of that workspace.
 */
export const addWorkspaceAliases = (
  scope: Construct,
  key: "gate" | "park" | "register" | "intake",
  target: SluiceFunction,
  workspaces: readonly string[],
): void => {
  for (const workspace of [...new Set(workspaces)].sort()) {
    new CfnAlias(scope, `${key}-of-${workspace}`, {
      functionName: target.functionName,
      functionVersion: "$LATEST",
      name: workspaceAlias(workspace),
    });
  }
};
