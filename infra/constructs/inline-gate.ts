import { ArnFormat, Stack } from "aws-cdk-lib";
import type { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SETTINGS } from "../../shared/model/settings.ts";
import { keys } from "../../shared/store/keys.ts";
import { named } from "./names.ts";
import { allowing } from "./policy-statements.ts";

export interface InlineGateProps {
  /** The workspace whose flows call the function. */
  readonly workspace: string;
  /** Sluice's table, in the function's account and region. By default, that of the `instance` in the app's context, or `sluice`. */
  readonly tableName?: string;
}

const ANY = "*";

/**
 * Grants a function what its inline gate (`sluice/gate`) needs: the table's name, read access to the workspace's holds and members, and
 * read and write access to its runs. It grants no access to flows or to other workspaces.
 */
export const allowInlineGate = (
  user: LambdaFunction,
  { workspace, tableName = named(user, "sluice") }: InlineGateProps,
): void => {
  const table = Stack.of(user).formatArn({
    service: "dynamodb",
    resource: "table",
    resourceName: tableName,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
  const runs = keys.run(workspace, ANY).PK;
  const read = [runs, keys.hold(workspace, ANY, ANY).PK, keys.settings(workspace).PK];
  const allow = (actions: readonly string[], partitions: readonly string[]): void =>
    user.addToRolePolicy(
      allowing(
        actions.map((action) => `dynamodb:${action}`),
        [table],
        { "ForAllValues:StringLike": { "dynamodb:LeadingKeys": partitions } },
      ),
    );
  allow(["GetItem"], read);
  allow(["PutItem", "UpdateItem"], [runs]);
  user.addEnvironment(SETTINGS.table, tableName);
};
