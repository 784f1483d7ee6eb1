import { ArnFormat, Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnAlias } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { functions } from "../../functions.ts";
import type { SluiceFunction } from "../sluice-function.ts";
import type { Attachable } from "./machines.ts";

/** The functions that the definition of an attached machine calls. */
const CALLED = [functions.gate.name, functions.park.name];

const aliasOf = (workspace: string): string => `ws-${workspace}`;

/**
 * Adds an alias of a function for each workspace that may attach machines. A call through an alias proves the workspace, so a role that
 * may call one alias reaches only the runs of that workspace.
 */
export const addWorkspaceAliases = (
  scope: Construct,
  key: "gate" | "park",
  target: SluiceFunction,
  attachable: Attachable,
): void => {
  for (const workspace of Object.keys(attachable).sort()) {
    new CfnAlias(scope, `${key}-of-${workspace}`, {
      functionName: target.functionName,
      functionVersion: "$LATEST",
      name: aliasOf(workspace),
    });
  }
};

export interface GrantSluiceProps {
  /** The workspace that attaches the state machine. */
  readonly workspace: string;
  /** The instance of Sluice in the state machine's account and region. */
  readonly instance?: string;
}

/** Allows a state machine's role to call the gates of a workspace. Attaching the machine requires it. */
export const grantSluice = (role: IRole, { workspace, instance = "sluice" }: GrantSluiceProps): void => {
  const stack = Stack.of(role);
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["lambda:InvokeFunction"],
      resources: CALLED.map((name) =>
        stack.formatArn({
          service: "lambda",
          resource: "function",
          resourceName: `${name.replace(/^sluice/, instance)}:${aliasOf(workspace)}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    }),
  );
};
