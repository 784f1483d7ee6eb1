import { join } from "node:path";
import { RemovalPolicy } from "aws-cdk-lib";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import type { Construct } from "constructs";
import { acknowledge } from "../constructs/acknowledge.ts";
import { DeploymentRole } from "../constructs/deployment-role.ts";
import { named } from "../constructs/names.ts";
import { SluiceStack } from "./sluice-stack.ts";

/** Content of config.json, which the page reads first (console/src/session/config.ts). */
export interface ConsoleConfig {
  readonly signIn: {
    readonly kind: "oidc";
    readonly authority: string;
    readonly clientId: string;
    readonly scope: string;
    /** The issuer's logout address, if its discovery document does not name it in the standard way. */
    readonly logoutUrl?: string;
  };
  readonly apiUrl: string;
  /** The workspace that the console offers first. */
  readonly workspace?: string;
}

export interface ConsoleContentStackProps {
  readonly bucket: IBucket;
  /** Folder of the built console. */
  readonly files: string;
  readonly config: ConsoleConfig;
  readonly logRetention: RetentionDays;
}

/** The content of the console's bucket. It is deployed last, because its configuration names the API and the issuer. */
export class ConsoleContentStack extends SluiceStack {
  constructor(scope: Construct, { bucket, files, config, logRetention }: ConsoleContentStackProps) {
    super(scope, "sluice-console-content", { description: "Sluice: the console's files" });
    const logGroup = new LogGroup(this, "log", {
      logGroupName: `/${named(this, "sluice")}/console-deployment`,
      retention: logRetention,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new DeploymentRole(this, "role", { bucket, logGroup });
    const common = {
      destinationBucket: bucket,
      role: role.withoutPolicyUpdates(),
      // A page that was opened before a deployment can still load its files afterwards.
      prune: false,
      // Otherwise, replacing this resource would delete the files of both deployments.
      retainOnDelete: true,
      memoryLimit: 512,
      logGroup,
    };
    const parts = new BucketDeployment(this, "parts", {
      ...common,
      sources: [role.reading(Source.asset(join(files, "assets")))],
      destinationKeyPrefix: "assets",
      // Their names contain a hash of their content.
      cacheControl: [CacheControl.fromString("public, max-age=31536000, immutable")],
    });
    const page = new BucketDeployment(this, "page", {
      ...common,
      sources: [
        role.reading(Source.asset(files, { exclude: ["assets"] })),
        role.reading(Source.jsonData("config.json", config)),
      ],
      cacheControl: [CacheControl.noCache()],
    });
    // The page refers to these files, so they must exist before it does.
    page.node.addDependency(parts);

    acknowledge(role, {
      [`IAM5[Resource::${named(this, "sluice-console")}:ExportsOutputFnGetAttfiles6F97A25DArn20FAC0C5/*]`]:
        "The bucket contains only the console, and file names change with each build.",
    });
    for (const handler of this.node.children.filter(({ node }) => node.id.startsWith("Custom::CDKBucket"))) {
      acknowledge(handler, {
        L1: "CDK's own deployment function, in the runtime that its release was tested with.",
      });
    }
  }
}
