import type { MiddlewareObj } from "@middy/core";
import type { Log } from "../../shared/domain/deps.ts";
import { problemOf } from "../../shared/model/api/problem.ts";
import { addLogFields, millisecondsSoFar } from "../telemetry/invocation.ts";
import type { HttpEvent, HttpResult } from "./http-event.ts";
import { refusalOf } from "./http-failure.ts";

/** Returns the fields of every log line of the request: ids only, never payloads or claims. `apiRequestId` is the id in the access log. */
const requestFields = ({ routeKey, requestContext, pathParameters }: HttpEvent) => ({
  apiRequestId: requestContext?.requestId,
  route: routeKey,
  workspace: pathParameters?.["workspace"],
  flow: pathParameters?.["flowId"],
  run: pathParameters?.["runId"],
  bulk: pathParameters?.["bulkId"],
});

/** The outermost middleware: writes one log line per request, and turns every error into problem+json (RFC 9457). */
export const httpProblem = (log: Log): MiddlewareObj<HttpEvent, HttpResult> => ({
  before: ({ event }) => addLogFields(requestFields(event)),
  after: ({ response }) => {
    log.info("request", { status: response?.statusCode, duration: millisecondsSoFar() });
  },
  onError: (request) => {
    const { error } = request;
    const problem = { ...problemOf(refusalOf(error)), requestId: request.context.awsRequestId };
    const line = { status: problem.status, code: problem.code, duration: millisecondsSoFar() };
    if (problem.status < 500) log.info("refused", line);
    else log.error("failed", { ...line, error: error instanceof Error ? error : undefined });
    const retry = problem.status === 429 || problem.status === 503 ? { "retry-after": "1" } : {};
    request.response = {
      statusCode: problem.status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...retry },
      body: JSON.stringify(problem),
    };
  },
});
