import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { ISource } from "aws-cdk-lib/aws-s3-deployment";
import type { Construct } from "constructs";

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
            new PolicyStatement({ actions: ["s3:ListBucket"], resources: [bucket.bucketArn] }),
            new PolicyStatement({
              actions: ["s3:PutObject"],
              resources: [bucket.arnForObjects("*")],
            }),
            new PolicyStatement({
              actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
              resources: [logGroup.logGroupArn],
            }),
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
        this.addToPolicy(
          new PolicyStatement({
            actions: ["s3:GetObject"],
            resources: [bound.bucket.arnForObjects(bound.zipObjectKey)],
          }),
        );
        return bound;
      },
    };
  }
}
