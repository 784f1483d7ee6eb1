import { createHash, randomUUID } from "node:crypto";
import { isJsonObject, type Json, type JsonObject } from "../../../shared/model/json/json.ts";
import type { LambdaInvoker, LambdaRequest, LambdaResponse } from "../../ports/services.ts";
import type { Integration } from "../definition/task-resource.ts";
import { dataLimit } from "../interpreter/failure.ts";
import type { Outcome } from "../model/frame.ts";
import { jsonProblem, tooLarge } from "../model/payload.ts";

function metadata(): JsonObject {
  const id = randomUUID();
  const headers = { "Content-Type": "application/json", "x-amzn-RequestId": id };
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: id },
  };
}

const parsed = (text: string): Json => (text === "" ? null : (JSON.parse(text) as Json));

/** The request of a Lambda call. A string as `Payload` of `lambda:invoke` is the body itself and is not encoded again. */
function lambdaRequest(integration: Integration, parameters: Json): LambdaRequest {
  if (integration.kind === "function")
    return { functionName: integration.resource, payload: JSON.stringify(parameters) };
  const {
    FunctionName: name,
    Payload: payload,
    Qualifier: qualifier,
  } = isJsonObject(parameters) ? parameters : {};
  return {
    functionName: `${name}${typeof qualifier === "string" ? `:${qualifier}` : ""}`,
    payload: payload === undefined ? "{}" : typeof payload === "string" ? payload : JSON.stringify(payload),
  };
}

function lambdaOutcome(integration: Integration, response: LambdaResponse): Outcome {
  if (response.ok === "service-error") return { failure: { error: response.name, cause: response.message } };
  if (!response.ok) return { failure: { error: response.errorType, cause: response.payload } };
  if (tooLarge(response.payload))
    return {
      failure: dataLimit(integration.kind === "function" ? integration.resource : integration.service),
    };
  const result = parsed(response.payload);
  if (integration.kind === "function") return { output: result };
  return {
    output: {
      ExecutedVersion: response.executedVersion,
      Payload: result,
      ...metadata(),
      StatusCode: 200,
    },
  };
}

/** The answer of a service without a local implementation: the message is accepted and stored. */
function accepted(service: "sqs" | "sns" | "events", parameters: JsonObject): JsonObject {
  if (service === "events") {
    const entries = Array.isArray(parameters["Entries"]) ? parameters["Entries"] : [];
    return { Entries: entries.map(() => ({ EventId: randomUUID() })), FailedEntryCount: 0, ...metadata() };
  }
  const body = parameters["MessageBody"] ?? parameters["Message"] ?? null;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return {
    ...(service === "sqs" ? { MD5OfMessageBody: createHash("md5").update(text).digest("hex") } : {}),
    MessageId: randomUUID(),
    ...metadata(),
  };
}

export async function perform(
  integration: Integration,
  parameters: Json,
  lambda: LambdaInvoker,
  keep: (service: string, action: string, body: string) => void,
): Promise<Outcome> {
  if (integration.kind === "function" || integration.service === "lambda") {
    const request = lambdaRequest(integration, parameters);
    const problem = jsonProblem(request.payload);
    if (problem === undefined) return lambdaOutcome(integration, await lambda.invoke(request));
    const cause = `Could not parse request body into json: ${problem}`;
    return { failure: { error: "Lambda.InvalidRequestContentException", cause } };
  }
  keep(integration.service, integration.action, JSON.stringify(parameters));
  return { output: accepted(integration.service, isJsonObject(parameters) ? parameters : {}) };
}
