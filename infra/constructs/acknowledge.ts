import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Accepts single findings of the AwsSolutions rules on a construct, each with a reason. For a rule that can have several findings
 * (IAM5), the key names the finding in brackets.
 */
export const acknowledge = (construct: IConstruct, findings: Readonly<Record<string, string>>): void =>
  Validations.of(construct).acknowledge(
    ...Object.entries(findings).map(([id, reason]) => ({ id: `AwsSolutions-${id}`, reason })),
  );
