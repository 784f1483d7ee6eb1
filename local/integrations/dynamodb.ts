import { isJsonObject, type Json } from "../../shared/model/json/json.ts";
import type { AwsEndpoint } from "../aws/endpoint.ts";
import { PLACEHOLDER_SIGNATURE } from "../aws/placeholder-signature.ts";
import { sdkCause, serviceAnswer, serviceCause } from "../aws/service-answer.ts";
import { AwsError, type IntegrationAnswer } from "../ports/services.ts";
import { answered, failed, requestOf } from "./answers.ts";

const HEADERS = { "content-type": "application/x-amz-json-1.0", ...PLACEHOLDER_SIGNATURE };
/** Errors without their own class in the AWS SDK, which names them after the service. */
const UNMODELED = new Set([
  "ValidationException",
  "AccessDeniedException",
  "SerializationException",
  "ThrottlingException",
]);

/** Calls DynamoDB for a flow. `optimized`: the call is `dynamodb:getItem` or similar, not `aws-sdk:dynamodb:getItem`. */
export async function callDynamoDb(
  dynamodb: AwsEndpoint,
  action: string,
  parameters: Json,
  optimized: boolean,
): Promise<IntegrationAnswer> {
  const operation = action.charAt(0).toUpperCase() + action.slice(1);
  const request = {
    ...{ method: "POST", path: "/", query: new URLSearchParams(), caller: undefined },
    headers: { ...HEADERS, "x-amz-target": `DynamoDB_20120810.${operation}` },
    body: Buffer.from(JSON.stringify(requestOf(parameters))),
  };
  try {
    const { status, body } = await dynamodb.handle(operation, request);
    const content = JSON.parse(body.toString()) as Json;
    if (status < 300)
      return answered({ ...(isJsonObject(content) ? content : {}), ...(optimized ? serviceAnswer() : {}) });
    const { __type: type, message, Message } = isJsonObject(content) ? content : {};
    return rejected(
      optimized,
      String(type).split("#").at(-1) ?? "",
      String(message ?? Message ?? ""),
      status,
    );
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return rejected(optimized, error.name, error.message, error.status);
  }
}

function rejected(optimized: boolean, code: string, message: string, status: number): IntegrationAnswer {
  if (optimized)
    return failed(
      `DynamoDB.${UNMODELED.has(code) ? "AmazonDynamoDBException" : code}`,
      serviceCause({ service: "AmazonDynamoDBv2", status, code, message }),
    );
  return failed(
    `DynamoDb.${UNMODELED.has(code) ? "DynamoDbException" : code}`,
    sdkCause({ service: "DynamoDb", status, message }),
  );
}
