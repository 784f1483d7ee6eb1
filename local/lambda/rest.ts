import type { AwsAnswer, AwsEndpoint, AwsRequest } from "../aws/endpoint.ts";
import { functionArn } from "../aws/function-name.ts";
import { AwsError } from "../ports/services.ts";
import type { AsyncInvocations } from "./async-invocations.ts";
import type { Lambda } from "./lambda.ts";

const FUNCTIONS = /^\/2015-03-31\/functions\/?$/;
const FUNCTION = /^\/2015-03-31\/functions\/([^/]+)$/;
const INVOCATIONS = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Lambda's REST protocol for invoking, describing and deleting functions. */
export function lambdaEndpoint(lambda: Lambda, asynchronous: AsyncInvocations): AwsEndpoint {
  return {
    operation({ method, path }) {
      if (method === "POST" && INVOCATIONS.test(path)) return "Invoke";
      if (method === "GET" && FUNCTION.test(path)) return "GetFunction";
      if (method === "DELETE" && FUNCTION.test(path)) return "DeleteFunction";
      return method === "GET" && FUNCTIONS.test(path) ? "ListFunctions" : undefined;
    },
    errorAnswer: (error) => ({
      status: error.status,
      headers: { "content-type": "application/json", "x-amzn-errortype": error.name },
      body: JSON.stringify({ Type: error.status < 500 ? "User" : "Service", Message: error.message }),
    }),
    async handle(operation, request) {
      if (operation === "ListFunctions") return json(200, { Functions: lambda.names().map(configuration) });
      if (operation === "GetFunction") {
        return json(200, { Configuration: configuration(lambda.resolve(reference(request, FUNCTION))) });
      }
      if (operation === "DeleteFunction") {
        lambda.delete(reference(request, FUNCTION));
        return { status: 204, headers: {}, body: "" };
      }
      return invoke(lambda, asynchronous, request);
    },
  };
}

async function invoke(
  lambda: Lambda,
  asynchronous: AsyncInvocations,
  request: AwsRequest,
): Promise<AwsAnswer> {
  const called = reference(request, INVOCATIONS);
  const name = lambda.resolve(called);
  const qualifier = request.query.get("Qualifier");
  const payload = request.body.length === 0 ? "{}" : request.body.toString("utf8");
  assertJson(payload);
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  if (type === "DryRun") return { status: 204, headers: {}, body: "" };
  if (type === "Event") {
    asynchronous.enqueue({ functionName: name, payload, source: "lambda" });
    return { status: 202, headers: {}, body: "" };
  }
  const functionName = qualifier === null ? called : `${name}:${qualifier}`;
  const response = await lambda.invoke({ functionName, payload });
  if (response.ok === "service-error")
    throw new AwsError(response.name.replace(/^Lambda\./, ""), response.message);
  const headers = { "content-type": "application/json", "x-amz-executed-version": "$LATEST" };
  return response.ok
    ? { status: 200, headers, body: response.payload }
    : { status: 200, headers: { ...headers, "x-amz-function-error": "Unhandled" }, body: response.payload };
}

function reference(request: AwsRequest, pattern: RegExp): string {
  return decodeURIComponent(pattern.exec(request.path)?.[1] ?? "");
}

function assertJson(payload: string): void {
  try {
    JSON.parse(payload);
  } catch {
    throw new AwsError("InvalidRequestContentException", "Could not parse request body into json");
  }
}

const configuration = (name: string) => ({
  FunctionName: name,
  FunctionArn: functionArn(name),
  Runtime: "nodejs24.x",
  Handler: "index.handler",
  Version: "$LATEST",
});

const json = (status: number, body: unknown): AwsAnswer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});
