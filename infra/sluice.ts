import { join } from "node:path";
import { Construct } from "constructs";
import { projectRoot } from "./build/project-root.ts";
import { isParameter, type Parameters } from "./stacks/parameters.ts";
import { refuseUnsupportedRegions } from "./stacks/regions.ts";
import { refuseRemovals } from "./stacks/removals.ts";
import { addSluice, type BuiltFiles } from "./stacks/sluice.ts";

/** The parameters of a deployment. One that is not given here is taken from the app's context, such as `context` in cdk.json. */
export type SluiceProps = Partial<Parameters>;

/** Feature flags of CDK that the templates are written for. An app that sets them differently keeps its own choice. */
const FEATURE_FLAGS = {
  "@aws-cdk/aws-iam:minimizePolicies": true,
  "@aws-cdk/core:defaultCrossStackReferences": "strong",
};

/** The files that the package contains. */
const PACKAGED: BuiltFiles = {
  bundles: join(projectRoot, "dist"),
  consoleFiles: join(projectRoot, "dist/console"),
};

/**
 * Sluice in the deployer's CDK app: all of its stacks, in an app or in a stage, which sets their account and region. The package contains the
 * built functions and console, so synthesis builds nothing.
 */
export class Sluice extends Construct {
  /**
   * @param files built files of your own instead of the package's
   * @throws Error that names the parameter, if one is unknown or invalid, or would remove what cannot be restored
   */
  constructor(scope: Construct, id: string, props: SluiceProps = {}, files: BuiltFiles = PACKAGED) {
    super(scope, id);
    for (const [flag, value] of Object.entries(FEATURE_FLAGS))
      if (this.node.tryGetContext(flag) === undefined) this.node.setContext(flag, value);
    for (const [name, value] of Object.entries(props)) {
      if (!isParameter(name)) throw new Error(`Sluice has no deployment parameter ${name}`);
      if (value !== undefined) this.node.setContext(name, value);
    }
    refuseUnsupportedRegions(this);
    refuseRemovals(this);
    addSluice(this, files);
  }
}
