import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { CloudFrontClient } from "@aws-sdk/client-cloudfront";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SFNClient } from "@aws-sdk/client-sfn";

/** The AWS services that the doctor examines. The local stack has only the first ones. */
export interface AwsServices {
  readonly states: SFNClient;
  readonly lambda: LambdaClient;
  readonly iam: IAMClient;
  readonly scheduler: SchedulerClient;
  readonly dynamodb: DynamoDBClient;
  readonly cloudformation?: CloudFormationClient;
  readonly cloudfront?: CloudFrontClient;
  readonly logs?: CloudWatchLogsClient;
  readonly quotas?: ServiceQuotasClient;
}

const CREDENTIALS = { accessKeyId: "local", secretAccessKey: "local" };

/** Returns clients of a local stack, whose services are below its address. */
export const localServices = (url: string): AwsServices => {
  const at = (service: string) => ({
    endpoint: `${url}/aws/${service}`,
    region: "us-east-1",
    credentials: CREDENTIALS,
  });
  return {
    states: new SFNClient(at("states")),
    lambda: new LambdaClient(at("lambda")),
    iam: new IAMClient(at("iam")),
    scheduler: new SchedulerClient(at("scheduler")),
    dynamodb: new DynamoDBClient(at("dynamodb")),
  };
};

/** Returns clients with the credentials of the SDK's default chain. Without a region, the chain's own. */
export const awsServices = (region: string | undefined): AwsServices => {
  const config = region === undefined ? {} : { region };
  return {
    states: new SFNClient(config),
    lambda: new LambdaClient(config),
    iam: new IAMClient(config),
    scheduler: new SchedulerClient(config),
    dynamodb: new DynamoDBClient(config),
    cloudformation: new CloudFormationClient(config),
    cloudfront: new CloudFrontClient(config),
    logs: new CloudWatchLogsClient(config),
    quotas: new ServiceQuotasClient(config),
  };
};

/** The name of an error of the SDK or of the service. */
export const errorName = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** Turns the error with this name, which says that something does not exist, into undefined. */
export const absentOn =
  (name: string) =>
  (error: unknown): undefined => {
    if (errorName(error) !== name) throw error;
  };

const isDenied = (name: string): boolean => /AccessDenied|UnauthorizedOperation|^Forbidden/.test(name);

/** Whether the deployer's credentials lack a permission. */
export const accessDenied = (error: unknown): boolean => isDenied(errorName(error));

/** Whether the local stack has no such operation. */
export const unknownOperation = (error: unknown): boolean => errorName(error) === "UnknownOperationException";

/** Whether there are no usable credentials, or no region, for any call. */
export const withoutCredentials = (error: unknown): boolean =>
  /CredentialsProvider|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidSignature|TokenRefresh/.test(
    errorName(error),
  ) ||
  (error instanceof Error && /Region is missing/.test(error.message));
