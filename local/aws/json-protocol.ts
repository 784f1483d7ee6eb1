import { AwsError, type AwsService } from "../ports/services.ts";
import type { AwsAnswer, AwsEndpoint, AwsRequest } from "./endpoint.ts";

/** AWS JSON 1.0: the operation is in the `x-amz-target` header, after the service's own prefix. */
export function jsonOperation(request: AwsRequest): string | undefined {
  const target = request.headers["x-amz-target"];
  if (request.method !== "POST" || typeof target !== "string") return undefined;
  return /^[A-Za-z0-9_]+\.([A-Za-z]+)$/.exec(target)?.[1];
}

export function jsonErrorAnswer(error: AwsError): AwsAnswer {
  return {
    status: error.status,
    headers: { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": error.name },
    body: JSON.stringify({ __type: error.name, message: error.message }),
  };
}

/** Serves a service over the AWS JSON protocol. */
export function jsonEndpoint(service: AwsService): AwsEndpoint {
  return {
    operation: jsonOperation,
    errorAnswer: jsonErrorAnswer,
    async handle(operation, request) {
      const answer = await service.call(operation, parseJson(request.body), request.gone);
      return {
        status: 200,
        headers: { "content-type": "application/x-amz-json-1.0" },
        body: JSON.stringify(answer ?? {}),
      };
    },
  };
}

/** The JSON value of a body; an empty body is an empty object. @throws AwsError SerializationException */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new AwsError("SerializationException", "The request body is not valid JSON");
  }
}
