import { Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { named } from "../constructs/names.ts";

/** CDK adds a DependsOn to each function for its role, which the function refers to anyway. It is harmless. */
const REDUNDANT_DEPENDENCY = "W3005";

/**
 * A stack of Sluice. Its name depends only on the instance, not on its place in the deployer's app. The names in it are unique in an account
 * and region, so the prefix of a stage would not make a second deployment possible; an `instance` does.
 */
export class SluiceStack extends Stack {
  constructor(scope: Construct, name: string, props: StackProps) {
    const stackName = named(scope, name);
    super(scope, stackName, { ...props, stackName });
    this.templateOptions.metadata = { "cfn-lint": { config: { ignore_checks: [REDUNDANT_DEPENDENCY] } } };
  }
}
