import { Stack, Token, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Accepts single findings of the AwsSolutions rules on a construct, each with a reason. For a rule that can have several findings
 * (IAM5), the key names the finding in brackets, with `<AWS::Region>` and `<AWS::AccountId>` even if the stack knows its own.
 */
export const acknowledge = (construct: IConstruct, findings: Readonly<Record<string, string>>): void => {
  const { region, account } = Stack.of(construct);
  const known = (id: string, name: string, value: string): string =>
    Token.isUnresolved(value) ? id : id.replaceAll(`<AWS::${name}>`, value);
  Validations.of(construct).acknowledge(
    ...Object.entries(findings).map(([id, reason]) => ({
      id: `AwsSolutions-${known(known(id, "Region", region), "AccountId", account)}`,
      reason,
    })),
  );
};
