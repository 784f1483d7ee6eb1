import { REGION } from "./function-name.ts";

/**
 * Settings of the AWS SDK: the endpoint of each service (SDK reference, "Service-specific endpoints"), and credentials that are
 * not checked.
 */
export function awsEnvironment(url: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: `${url}/aws/dynamodb`,
    AWS_ENDPOINT_URL_SFN: `${url}/aws/states`,
    AWS_ENDPOINT_URL_SCHEDULER: `${url}/aws/scheduler`,
    AWS_ENDPOINT_URL_LAMBDA: `${url}/aws/lambda`,
    AWS_ENDPOINT_URL_EVENTBRIDGE: `${url}/aws/events`,
    AWS_ENDPOINT_URL_SQS: `${url}/aws/sqs`,
    AWS_ENDPOINT_URL_IAM: `${url}/aws/iam`,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_EC2_METADATA_DISABLED: "true",
  };
}
