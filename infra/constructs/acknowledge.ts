import { Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/**
 * Accepts single findings of the AwsSolutions rules on one construct, each with its reason.
 * A rule with several findings (IAM5) names the finding in brackets; nothing is accepted wholesale.
 */
export const acknowledge = (construct: IConstruct, findings: Readonly<Record<string, string>>): void =>
  Validations.of(construct).acknowledge(
    ...Object.entries(findings).map(([id, reason]) => ({ id: `AwsSolutions-${id}`, reason })),
  );
