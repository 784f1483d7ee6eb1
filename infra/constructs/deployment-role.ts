import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { ISource } from "aws-cdk-lib/aws-s3-deployment";
import type { Construct } from "constructs";
import { allowing } from "./policy-statements.ts";

/**
 * The role of the function that copies files to a bucket at deployment. With CDK's default role, it could read the asset bucket
 * of the whole account, and tag, list and abort with wildcards. This role reads only its own archives, and writes files that it
 * cannot delete.
 */
export class DeploymentRole extends Role {
  constructor(scope: Construct, id: string, { bucket, logGroup }: { bucket: IBucket; logGroup: LogGroup }) {
    super(scope, id, {
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
      description: "Copies the console's files into its bucket at deployment",
      inlinePolicies: {
        files: new PolicyDocument({
          statements: [
            allowing(["s3:ListBucket"], [bucket.bucketArn]),
            allowing(["s3:PutObject"], [bucket.arnForObjects("*")]),
            allowing(["logs:CreateLogStream", "logs:PutLogEvents"], [logGroup.logGroupArn]),
          ],
        }),
      },
    });
  }

  /** Returns the source with read access for this role only, file by file. */
  reading(source: ISource): ISource {
    return {
      bind: (scope) => {
        const bound = source.bind(scope, { handlerRole: this.withoutPolicyUpdates() });
        this.addToPolicy(allowing(["s3:GetObject"], [bound.bucket.arnForObjects(bound.zipObjectKey)]));
        return bound;
      },
    };
  }
}
