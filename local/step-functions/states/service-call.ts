import { isJsonObject, type Json } from "../../../shared/model/json/json.ts";
import { serviceAnswer, serviceCause } from "../../aws/service-answer.ts";
import type {
  IntegrationAnswer,
  Integrations,
  LambdaInvoker,
  LambdaRequest,
  LambdaResponse,
} from "../../ports/services.ts";
import type { Integration } from "../definition/task-resource.ts";
import { dataLimit } from "../interpreter/failure.ts";
import type { Failure, Outcome } from "../model/frame.ts";
import { jsonProblem, tooLarge } from "../model/payload.ts";

/** The result of a Task's call. */
export type Called =
  /** The Task's result. `submitted`: the response that the call itself had before. */
  | { readonly kind: "over"; readonly outcome: Outcome; readonly submitted?: Json }
  /** The call's answer, after which the Task waits for its token. */
  | { readonly kind: "submitted"; readonly output: Json }
  /** Step Functions starts the execution itself. */
  | { readonly kind: "execution"; readonly parameters: Json }
  /** A worker gets the activity's task; `cause` is the failure if the activity does not exist. */
  | { readonly kind: "activity"; readonly cause: string };

const parsed = (text: string): Json => (text === "" ? null : (JSON.parse(text) as Json));

/**
 * The request of a Lambda call. A string as `Payload` of `lambda:invoke` is the body itself and is not encoded again; null is, as
 * recorded from the service, no payload, and the function gets an empty object.
 */
function lambdaRequest(integration: Integration, parameters: Json): LambdaRequest {
  if (integration.kind === "function")
    return { functionName: integration.resource, payload: JSON.stringify(parameters) };
  const {
    FunctionName: name,
    Payload: payload = null,
    Qualifier: qualifier,
  } = isJsonObject(parameters) ? parameters : {};
  return {
    functionName: `${name}${typeof qualifier === "string" ? `:${qualifier}` : ""}`,
    payload: payload === null ? "{}" : typeof payload === "string" ? payload : JSON.stringify(payload),
  };
}

const STATUS: Readonly<Record<string, number>> = {
  ResourceNotFoundException: 404,
  TooManyRequestsException: 429,
  ServiceException: 500,
  AWSLambdaException: 403,
};

/** An error of the Lambda service, in the wording of Step Functions. */
function serviceFailure(name: string, message: string): Failure {
  const code = name.replace(/^Lambda\./, "");
  if (code === "SdkClientException") return { error: name, cause: message };
  const status = STATUS[code] ?? 400;
  return { error: name, cause: serviceCause({ service: "AWSLambda", status, code, message }) };
}

function lambdaOutcome(integration: Integration, parameters: Json, response: LambdaResponse): Outcome {
  if (response.ok === "service-error") return { failure: serviceFailure(response.name, response.message) };
  if (!response.ok) return { failure: { error: response.errorType, cause: response.payload } };
  const what = integration.kind === "service" ? integration.service : integration.resource;
  if (tooLarge(response.payload)) return { failure: dataLimit(what) };
  const result = parsed(response.payload);
  if (integration.kind === "function") return { output: result };
  const logs = isJsonObject(parameters) && parameters["LogType"] === "Tail";
  return {
    output: {
      ExecutedVersion: response.executedVersion,
      ...(logs ? { LogResult: "" } : {}),
      Payload: result,
      ...serviceAnswer({ "Content-Type": "application/json", "X-Amz-Executed-Version": "$LATEST" }),
      StatusCode: 200,
    },
  };
}

async function callLambda(
  integration: Integration,
  parameters: Json,
  { lambda, roleArn, call }: Pick<Callees, "lambda" | "roleArn" | "call">,
): Promise<Called> {
  const request = {
    ...lambdaRequest(integration, parameters),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(call === undefined ? {} : { call }),
  };
  const problem = jsonProblem(request.payload);
  const cause = `Could not parse request body into json: ${problem}`;
  const outcome: Outcome =
    problem === undefined
      ? lambdaOutcome(integration, parameters, await lambda.invoke(request))
      : { failure: { error: "Lambda.InvalidRequestContentException", cause } };
  const waits = integration.kind === "service" && integration.pattern === "waitForTaskToken";
  return waits && "output" in outcome
    ? { kind: "submitted", output: outcome.output }
    : { kind: "over", outcome };
}

export interface Callees {
  readonly lambda: LambdaInvoker;
  readonly integrations: Integrations;
  /** The machine's role. */
  readonly roleArn?: string;
  /** Identifies the call, for the output of the function. */
  readonly call?: string;
}

/** Makes a Task's call. A user's stub takes precedence, except for Lambda functions that are called by their ARN. */
export async function perform(integration: Integration, parameters: Json, callees: Callees): Promise<Called> {
  const { integrations } = callees;
  if (integration.kind === "function") return callLambda(integration, parameters, callees);
  const { service, action, pattern } =
    integration.kind === "activity"
      ? { service: "activity", action: integration.name, pattern: undefined }
      : integration;
  const answer = await integrations.call({ service, action, pattern, parameters });
  if (answer.kind !== "unknown") return settled(integration, answer);
  if (integration.kind === "activity") return { kind: "activity", cause: answer.cause };
  if (service === "lambda") return callLambda(integration, parameters, callees);
  if (service === "states") return { kind: "execution", parameters };
  return { kind: "over", outcome: { failure: { error: "Sluice.NoStub", cause: answer.cause } } };
}

function settled(
  integration: Exclude<Integration, { kind: "function" }>,
  answer: Exclude<IntegrationAnswer, { kind: "unknown" }>,
): Called {
  if (answer.kind === "failure")
    return { kind: "over", outcome: { failure: { error: answer.error, cause: answer.cause } } };
  const { output, settles } = answer;
  if (integration.kind === "activity") return { kind: "over", outcome: { output } };
  if (tooLarge(JSON.stringify(output)))
    return { kind: "over", outcome: { failure: dataLimit(integration.service) } };
  if (integration.pattern === undefined) return { kind: "over", outcome: { output } };
  return settles || integration.pattern !== "waitForTaskToken"
    ? { kind: "over", outcome: { output }, submitted: output }
    : { kind: "submitted", output };
}
