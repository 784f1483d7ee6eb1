import { ArnFormat, Stack } from "aws-cdk-lib";
import { type IRole, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { nameInInstance } from "../../../shared/model/machines/machine-names.ts";
import { workspaceAlias } from "../../../shared/model/machines/workspace-access.ts";
import { functions } from "../../functions.ts";
import { instanceOf } from "../names.ts";

/** The functions that the definition of an attached machine calls. */
const CALLED = [functions.gate.name, functions.park.name];

export interface GrantSluiceProps {
  /** The workspace that attaches the state machine. */
  readonly workspace: string;
  /** The instance of Sluice in the state machine's account and region. By default, `instance` of the app's context, or `sluice`. */
  readonly instance?: string;
}

/**
 * Allows a state machine's role to call the gates of a workspace. Attaching the machine requires it. Returns false for a role that cannot
 * be changed, such as an imported one.
 */
export const grantSluice = (
  role: IRole,
  { workspace, instance = instanceOf(role) }: GrantSluiceProps,
): boolean => {
  const stack = Stack.of(role);
  const { statementAdded } = role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ["lambda:InvokeFunction"],
      resources: CALLED.map((name) =>
        stack.formatArn({
          service: "lambda",
          resource: "function",
          resourceName: `${nameInInstance(instance, name)}:${workspaceAlias(workspace)}`,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    }),
  );
  return statementAdded;
};
